package dev.emrys.runtime;

import com.google.common.base.Throwables;
import dev.emrys.drive.Driver;
import dev.emrys.drive.Ports;
import dev.emrys.journal.ControlInbox;
import dev.emrys.journal.Journal;
import dev.emrys.journal.Lease;
import dev.emrys.journal.RunRecord;
import dev.emrys.run.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A run that this process drives. Thread-safe. */
public final class RunHandle {
    private final RunRecord run;
    private final Driver driver;
    private final CompletableFuture<Outcome> done;
    private final Runnable release;

    RunHandle(RunRecord run, Lease lease, Journal journal, Function<Ports, Driver> begin, Ports ports) {
        this.run = run;
        this.driver = begin.apply(ports);
        ControlInbox.Subscription requests = receive(journal);
        this.release = () -> {
            requests.close();
            lease.close();
        };
        this.done = driver.done().whenComplete((outcome, failure) -> release.run());
        var unusedToo = lease.lost().whenComplete((nothing, lost) -> driver.leaseLost(Throwables.getRootCause(lost)));
        var unused = journal.lost().whenComplete((nothing, lost) -> driver.journalLost(lost));
    }

    /** When control requests cannot be received, the run is abandoned before its lease is released. */
    private ControlInbox.Subscription receive(Journal journal) {
        try {
            return journal.inbox().receive(run.id(), driver::handle);
        } catch (RuntimeException e) {
            driver.abandon().join();
            throw e;
        }
    }

    /** The run's id. */
    public String id() {
        return run.id();
    }

    /** The run's memorable name. */
    public String name() {
        return run.name();
    }

    /**
     * How it ended; completes exceptionally when this process cannot drive it any longer, for example because the
     * journal cannot be written or because of {@link #abandon}. Then it can be resumed.
     */
    public CompletableFuture<Outcome> done() {
        return done.copy();
    }

    /** Whether {@link #done} failed because of {@link #abandon}. */
    public static boolean isAbandoned(Throwable failure) {
        return Throwables.getCausalChain(failure).stream().anyMatch(Driver.AbandonedException.class::isInstance);
    }

    /** Requests its cancellation: its clusters are ended, then it is done. */
    public void cancel(String by) {
        driver.cancel(by);
    }

    /**
     * Stops driving, as a crash would, and releases the run, which can then be resumed. {@link #done} completes
     * exceptionally if the run has not ended.
     *
     * @return completes when the run is released
     */
    public CompletableFuture<@Nullable Void> abandon() {
        return driver.abandon().thenRun(release);
    }
}
