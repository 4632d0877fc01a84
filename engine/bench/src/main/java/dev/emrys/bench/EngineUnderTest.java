package dev.emrys.bench;

import dev.emrys.drive.Driver;
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

/** A driver over the SQLite journal of a folder, wired as the runtime wires it, with a target that answers at once. */
final class EngineUnderTest implements AutoCloseable {
    private final SqliteJournal journal;
    private final ExecutorService turns = Executors.newSingleThreadExecutor();
    private final ExecutorService encoder = Executors.newSingleThreadExecutor();
    private final boolean snapshots;

    /** @param snapshots whether snapshots are taken, as the runtime does */
    EngineUnderTest(Path folder, boolean snapshots) {
        this.snapshots = snapshots;
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

    /** Drives a run from its start to its end. */
    void drive(Lease lease, TaskGraph graph, Listener listener) {
        Outcome outcome = Driver.start(ports(lease, graph), lease.run(), lease.run(), graph, listener)
                .done()
                .join();
        if (outcome != Outcome.SUCCEEDED) {
            throw new IllegalStateException("The run " + lease.run() + " has " + outcome);
        }
    }

    Ports ports(Lease lease, TaskGraph graph) {
        int tasks = graph.spec().tasks().size();
        return new Ports(
                journal,
                lease,
                new InstantEffects(),
                InstantSource.system(),
                (due, action) -> {
                    throw new IllegalStateException("No task of these pipelines has a timer.");
                },
                turns,
                snapshots ? SnapshotPolicy.forTasks(tasks, encoder) : new SnapshotPolicy(Integer.MAX_VALUE, encoder));
    }

    @Override
    public void close() {
        turns.shutdown();
        encoder.shutdown();
        journal.close();
    }
}
