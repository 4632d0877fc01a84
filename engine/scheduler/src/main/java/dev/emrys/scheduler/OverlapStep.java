package dev.emrys.scheduler;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.FireRecord.State;
import dev.emrys.schedule.Overlap;
import dev.emrys.schedule.OverlapDecision;
import dev.emrys.schedule.OverlapRules;
import dev.emrys.schedule.OverlapState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Applies {@link OverlapRules} to fires one after the other, and collects what changes. Not thread-safe. */
final class OverlapStep {
    private static final String REPLACED = "a newer fire takes its place";

    private final Instant now;
    private final Map<FireRecord.Key, FireRecord> open = new LinkedHashMap<>();
    private final Map<FireRecord.Key, FireRecord> changed = new LinkedHashMap<>();
    private final List<FireRecord.Key> started = new ArrayList<>();
    private final Set<FireRecord.Key> cancelled = new LinkedHashSet<>();

    /** @param open the fires of the schedule that have not ended, in the order of their decision */
    OverlapStep(Iterable<FireRecord> open, Instant now) {
        this.now = now;
        for (FireRecord fire : open) {
            // A backfill is run by the process of the person who asked for it, beside the schedule.
            if (fire.cause() != FireRecord.Cause.BACKFILL) {
                this.open.put(fire.key(), fire);
            }
        }
    }

    /** Decides about a fire. */
    void fire(Overlap overlap, FireRecord fire) {
        put(fire);
        act(OverlapRules.onFire(overlap, state(fire), fire).action());
    }

    /** Records that a fire is not started. */
    void skip(FireRecord fire, String reason) {
        put(fire.in(State.SKIPPED, reason, now));
    }

    /** Records the end of a fire. */
    void end(FireRecord ended) {
        put(ended);
    }

    /** Starts the first one that waits, if none is running. */
    void startWaiting() {
        act(OverlapRules.onReady(state(null)).action());
    }

    private OverlapState<FireRecord> state(@Nullable FireRecord except) {
        int running = 0;
        ImmutableList.Builder<FireRecord> waiting = ImmutableList.builder();
        for (FireRecord fire : open.values()) {
            if (fire.state() == State.STARTED) {
                running++;
            } else if (fire.state() == State.WAITING
                    && (except == null || !fire.key().equals(except.key()))) {
                waiting.add(fire);
            }
        }
        return new OverlapState<>(running, waiting.build());
    }

    private void put(FireRecord fire) {
        FireRecord.Key key = fire.key();
        changed.put(key, fire);
        if (fire.state().isFinal()) {
            open.remove(key);
        } else {
            open.put(key, fire);
        }
    }

    private void act(OverlapDecision.Action<FireRecord> action) {
        boolean unused = action.accept(new OverlapDecision.Action.Cases<FireRecord, Boolean>() {
            @Override
            public Boolean start(OverlapDecision.Start<FireRecord> start) {
                begin(start.run());
                return true;
            }

            @Override
            public Boolean skip(OverlapDecision.Skip<FireRecord> skip) {
                OverlapStep.this.skip(skip.run(), text(skip.reason()));
                return false;
            }

            @Override
            public Boolean buffer(OverlapDecision.Buffer<FireRecord> buffer) {
                put(buffer.run().in(State.WAITING, "another run of the schedule is running", now));
                return true;
            }

            @Override
            public Boolean cancelOthers(OverlapDecision.CancelOthers<FireRecord> cancel) {
                replace(cancel.replaced());
                put(cancel.run().in(State.WAITING, "the run before is being cancelled", now));
                return true;
            }

            @Override
            public Boolean terminateOthers(OverlapDecision.TerminateOthers<FireRecord> terminate) {
                replace(terminate.replaced());
                begin(terminate.run());
                return true;
            }

            @Override
            public Boolean nothing() {
                return false;
            }
        });
    }

    private void begin(FireRecord fire) {
        put(fire.in(State.STARTED, "", now));
        started.add(fire.key());
    }

    private void replace(ImmutableList<FireRecord> replaced) {
        ImmutableList<FireRecord> running = open.values().stream()
                .filter(fire -> fire.state() == State.STARTED)
                .collect(toImmutableList());
        for (FireRecord fire : running) {
            // One that would start with this decision has no run that could be cancelled.
            if (started.remove(fire.key())) {
                skip(fire, REPLACED);
            } else {
                cancelled.add(fire.key());
            }
        }
        replaced.forEach(fire -> skip(fire, REPLACED));
    }

    private static String text(OverlapDecision.Reason reason) {
        return reason == OverlapDecision.Reason.RUNNING
                ? "another run of the schedule is running"
                : "as many fires wait as may";
    }

    /** The fires that were changed, each in its newest state. */
    ImmutableList<FireRecord> changes() {
        return ImmutableList.copyOf(changed.values());
    }

    /** The fires to start. */
    ImmutableList<FireRecord> starts() {
        return openOf(started);
    }

    /** The fires whose runs are to be cancelled. */
    ImmutableList<FireRecord> cancels() {
        return openOf(cancelled);
    }

    /** Without streams, which are a large part of what a decision costs. */
    private ImmutableList<FireRecord> openOf(Collection<FireRecord.Key> keys) {
        ImmutableList.Builder<FireRecord> fires = ImmutableList.builder();
        for (FireRecord.Key key : keys) {
            fires.add(Objects.requireNonNull(open.get(key)));
        }
        return fires.build();
    }
}
