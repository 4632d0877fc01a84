package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import dev.emrys.run.RunState;

/**
 * Called with every event of a run after it is durable, in order, within the driver's actions: it must be quick and
 * must not throw.
 */
public interface Listener {
    Listener NONE = (events, state) -> {};

    /**
     * Called with events that are durable now.
     *
     * @param state the run's state, which may have more events applied already; to be read within the call only
     */
    void happened(ImmutableList<Event> events, RunState state);
}
