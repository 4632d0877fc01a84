package dev.emrys.journal;

import dev.emrys.graph.TaskGraph;
import dev.emrys.run.RunSnapshot;
import dev.emrys.run.RunState;
import java.util.Optional;

/**
 * The state of a run as the journal has it: the newest snapshot that can be used, and the events after it. So its cost
 * does not grow with the run's length.
 *
 * @param state belongs to the caller
 * @param nextSeq the number of the first event that the state does not include: to follow the run, read from there
 * @param snapshotSeq the number of the newest event in the snapshot; 0 when none was used
 * @param unfit a sentence about the events that do not fit the run and were left out; empty when all fit
 */
public record RecordedRun(RunState state, long nextSeq, long snapshotSeq, Optional<String> unfit) {

    /**
     * Blocks: without a snapshot, for as long as it takes to read and apply all events of the run.
     *
     * @param graph of the run's spec
     * @throws JournalException when the journal cannot be read
     */
    public static RecordedRun read(Journal journal, String run, TaskGraph graph) {
        return fromSnapshot(journal, run, graph).orElseGet(() -> {
            RunState state = new RunState(graph);
            EventFold fold = new EventFold(state, 1);
            return new RecordedRun(state, journal.events().forEach(run, 1, fold::apply), 0, fold.unfit());
        });
    }

    private static Optional<RecordedRun> fromSnapshot(Journal journal, String run, TaskGraph graph) {
        Optional<Snapshot> snapshot = journal.snapshots().newest(run, RunSnapshot.VERSION);
        if (snapshot.isEmpty()) {
            return Optional.empty();
        }
        long seq = snapshot.get().seq();
        Optional<RunState> restored = RunSnapshot.restore(snapshot.get().form(), graph);
        if (restored.isEmpty() || !restored.get().runId().equals(run)) {
            return Optional.empty();
        }
        RunState state = restored.get();
        try {
            return Optional.of(new RecordedRun(
                    state, journal.events().forEach(run, seq + 1, state::apply), seq, Optional.empty()));
        } catch (IllegalStateException e) {
            // An event does not fit: the snapshot is not of these events. They are a record, it is a cache.
            return Optional.empty();
        }
    }
}
