package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A wait: nothing is submitted, a timer ends it. It counts from the intent, so a crash does not make it longer. */
final class WaitBehavior extends DeclaredTaskBehavior {
    /** In place of the id that a target would give. */
    private static final String IN_PROCESS = "in process";

    private final Duration duration;

    WaitBehavior(Duration duration) {
        this.duration = duration;
    }

    @Override
    @Nullable
    Event next(RunState run, int index, Instant now) {
        TaskProgress task = run.progress(index);
        if (task.phase == Phase.SUBMITTING) {
            return new Event.AttemptAccepted(now, task.id, task.attempt, IN_PROCESS);
        }
        if (task.phase == Phase.CANCELLING) {
            return new Event.AttemptCancelled(now, task.id, task.attempt, "The wait was cancelled.");
        }
        return super.next(run, index, now);
    }

    @Override
    ImmutableList<Command> submit(RunState run, int index, boolean uncertain) {
        return ImmutableList.of();
    }

    @Override
    ImmutableList<Command> watch(RunState run, int index) {
        TaskProgress task = run.progress(index);
        Instant due = Objects.requireNonNull(task.since).plus(duration);
        return ImmutableList.of(new Command.SetTimer(task.id, task.attempt, Command.Timer.WAIT, due));
    }

    @Override
    ImmutableList<Command> cancel(RunState run, int index) {
        return ImmutableList.of();
    }
}
