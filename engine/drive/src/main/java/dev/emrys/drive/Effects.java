package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the commands of one run.
 *
 * <p>Commands are given at least once: after a crash those that may have been carried out come again, marked as
 * uncertain. So an implementation is idempotent by task, attempt and key. It never blocks the caller. It reports events
 * from any thread, late or repeated if necessary: the driver drops what no longer fits.
 *
 * <p>A failure of the network, a throttle or an error of the service is not an event: the call is retried for as long
 * as it takes.
 */
public interface Effects extends AutoCloseable {

    /** Takes what the effects report. Thread-safe, never blocks. */
    interface Reports {
        void report(Event event);

        /**
         * The effects have a bug: driving stops, so that the run does not continue unobserved. The run can be resumed.
         */
        void fail(Throwable bug);
    }

    /** Begins to carry out the commands; those that are given together may be sent together. */
    void perform(ImmutableList<Command.ForTarget> commands, Reports reports);

    /**
     * Called once, before the first commands of a run that was taken over. Its journal may have been restored from an
     * older copy, so the target may have requests that it does not know: a key that the target has is adopted, also
     * where the command is not uncertain.
     */
    void takenOver();

    /**
     * Ends what the target still executes for the run. Called when every task of a run that was taken over has ended:
     * what is left then, a journal that was restored from an older copy did not know.
     *
     * @return completes when nothing is left, except what the target refuses to end; never exceptionally
     */
    CompletableFuture<@Nullable Void> endLeftovers();

    /**
     * Ends everything that the target executes for the run. Called when the journal is lost: the run can neither
     * continue nor be resumed, so that nothing else will end it.
     *
     * @return as for {@link #endLeftovers}
     */
    CompletableFuture<@Nullable Void> endEverything();

    /**
     * Completes when this is closed and no call is in flight any more: then nothing more reaches the target from here.
     */
    default CompletableFuture<@Nullable Void> whenIdle() {
        return CompletableFuture.completedFuture(null);
    }

    /** Stops watching and reporting. What the target does goes on. */
    @Override
    void close();
}
