package dev.emrys.runtime;

import dev.emrys.drive.Driver;
import dev.emrys.drive.Ports;
import dev.emrys.journal.Journal;
import dev.emrys.run.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A run that this process drives. Thread-safe. */
public final class RunHandle {
    private final Journal.RunRecord run;
    private final Driver driver;
    private final CompletableFuture<Outcome> done;

    RunHandle(
            Journal.RunRecord run,
            Journal.Ownership ownership,
            Journal journal,
            Function<Ports, Driver> begin,
            Ports ports) {
        this.run = run;
        this.driver = begin.apply(ports);
        AutoCloseable inbox = journal.receive(run.id(), driver::grant);
        this.done = driver.done().whenComplete((outcome, failure) -> {
            closeQuietly(inbox);
            ownership.close();
        });
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

    /** Stops driving at once, as a crash would. */
    public void abandon() {
        driver.abandon();
    }
}
