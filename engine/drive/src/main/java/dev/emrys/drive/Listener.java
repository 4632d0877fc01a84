package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import dev.emrys.run.RunState;

/** Hears of every fact of a run after it is durable, in order, on the driver's own turns: it must be quick and not throw. */
public interface Listener {
    Listener NONE = (events, state) -> {};

    /**
     * Called with facts that are durable now.
     *
     * @param state where the run stands; to be read within the call only
     */
    void happened(ImmutableList<Event> events, RunState state);
}
