package dev.emrys.runtime;

import dev.emrys.drive.Driver;
import dev.emrys.drive.Ports;
import dev.emrys.journal.Journal;
import dev.emrys.run.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A run that this process drives. Thread-safe. */
public final class RunHandle {
    private final Journal.RunRecord run;
    private final Driver driver;
    private final CompletableFuture<Outcome> done;
    private final Runnable release;

    RunHandle(
            Journal.RunRecord run,
            Journal.Ownership ownership,
            Journal journal,
            Function<Ports, Driver> begin,
            Ports ports) {
        this.run = run;
        this.driver = begin.apply(ports);
        AutoCloseable inbox = inbox(journal);
        this.release = () -> {
            closeQuietly(inbox);
            ownership.close();
        };
        this.done = driver.done().whenComplete((outcome, failure) -> release.run());
    }

    /** Nobody drives without an ear for wishes: who fails to get one lets go of the run before anybody else may have it. */
    private AutoCloseable inbox(Journal journal) {
        try {
            return journal.receive(run.id(), driver::handle);
        } catch (RuntimeException e) {
            driver.abandon().join();
            throw e;
        }
    }

    private static void closeQuietly(AutoCloseable inbox) {
        try {
            inbox.close();
        } catch (Exception e) {
            throw new IllegalStateException("The inbox cannot be closed", e);
        }
    }

    public Journal.RunRecord run() {
        return run;
    }

    /**
     * How it ended; completes exceptionally when it can no longer be driven here, because the journal cannot be written say. Then it
     * can be resumed.
     */
    public CompletableFuture<Outcome> done() {
        return done.copy();
    }

    /** Asks for its cancellation: its clusters are ended, then it is done. */
    public void cancel(String by) {
        driver.cancel(by);
    }

    /**
     * Stops driving, as a crash would, and lets go of the run: whoever wants may resume it. {@link #done} completes exceptionally, if
     * the run has not ended.
     *
     * @return completes when nothing more is done here
     */
    public CompletableFuture<@Nullable Void> abandon() {
        return driver.abandon().thenRun(release);
    }
}
