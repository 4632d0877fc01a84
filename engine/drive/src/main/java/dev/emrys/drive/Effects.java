package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whoever brings commands about: the port to EMR.
 *
 * <p>Commands are handed over at least once: after a crash those that may have been carried out come again, marked uncertain. So an
 * implementation is idempotent by task, attempt and key. It never blocks the caller, and reports facts whenever it learns them, from
 * any thread, late or twice if it must: the driver drops what no longer fits.
 *
 * <p>A failure of the network, a throttle or an error of the service is not a fact: it is waited out, for as long as it takes.
 */
public interface Effects extends AutoCloseable {

    /** Takes facts. Thread-safe, never blocks. */
    interface Reports {
        void report(Event fact);
    }

    /** Begins to carry out the commands; those that come together may be sent together. */
    void perform(ImmutableList<Command> commands, Reports reports);

    /** Completes when this is closed and nothing that it had begun is under way: then nothing more reaches EMR from here. */
    default CompletableFuture<@Nullable Void> quiet() {
        return CompletableFuture.completedFuture(null);
    }

    /** Stops watching and reporting. What EMR does goes on. */
    @Override
    void close();
}
