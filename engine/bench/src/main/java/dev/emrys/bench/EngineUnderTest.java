package dev.emrys.bench;

import dev.emrys.drive.Driver;
import dev.emrys.drive.Effects;
import dev.emrys.drive.Listener;
import dev.emrys.drive.Ports;
import dev.emrys.drive.SnapshotPolicy;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.Lease;
import dev.emrys.journal.RunRecord;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.run.Outcome;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SpecJson;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A driver over the SQLite journal of a folder, wired as the runtime wires it, with a target in memory. */
final class EngineUnderTest implements AutoCloseable {
    private final SqliteJournal journal;
    private final ExecutorService turns = Executors.newSingleThreadExecutor();
    private final ExecutorService encoder = Executors.newSingleThreadExecutor();
    private final SnapshotPolicy snapshots;
    private final Supplier<Effects> effects;

    /** With the snapshots that the runtime takes, and a target that answers at once. */
    EngineUnderTest(Path folder) {
        this(folder, true, InstantEffects::new);
    }

    /**
     * @param snapshots whether snapshots are taken, as the runtime does
     * @param effects of the target, for each run
     */
    EngineUnderTest(Path folder, boolean snapshots, Supplier<Effects> effects) {
        SnapshotPolicy standard = SnapshotPolicy.standard(encoder);
        this.snapshots = snapshots
                ? standard
                : new SnapshotPolicy(Integer.MAX_VALUE, standard.pause(), standard.pauseFactor(), standard.executor());
        this.effects = effects;
        this.journal = SqliteJournal.open(folder, System.err::println);
    }

    SqliteJournal journal() {
        return journal;
    }

    /** Records a run that has no events yet. */
    Lease create(String id, PipelineSpec spec) {
        RunRecord record = new RunRecord(id, id, spec.name(), "bench", "instant", Instant.now(), null, null);
        return journal.runs().create(record, SpecJson.write(spec));
    }

    /** Drives a run from its start to its end, and until its last snapshot is stored. */
    void drive(Lease lease, TaskGraph graph, Listener listener) {
        Driver driver = Driver.start(ports(lease), lease.run(), lease.run(), graph, listener);
        Outcome outcome = driver.done().join();
        driver.abandon().join();
        if (outcome != Outcome.SUCCEEDED) {
            throw new IllegalStateException("The run " + lease.run() + " has " + outcome);
        }
    }

    Ports ports(Lease lease) {
        return new Ports(
                journal,
                lease,
                effects.get(),
                InstantSource.system(),
                (due, action) -> {
                    throw new IllegalStateException("No task of these pipelines has a timer.");
                },
                turns,
                snapshots,
                System.err::println);
    }

    @Override
    public void close() {
        turns.shutdown();
        encoder.shutdown();
        journal.close();
    }
}
