package dev.emrys.view;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.AmbiguousRunException;
import dev.emrys.journal.Journal;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.LockHolder;
import dev.emrys.journal.RecordedRun;
import dev.emrys.journal.RunRecord;
import dev.emrys.run.Event;
import dev.emrys.run.Outcome;
import dev.emrys.run.RunState;
import dev.emrys.spec.SpecJson;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a journal, for reading. Thread-safe. Every method throws {@link JournalException} when the journal cannot
 * be read.
 */
public final class RunViews {
    private final Journal journal;

    /** @param journal is not closed with this */
    public RunViews(Journal journal) {
        this.journal = journal;
    }

    /**
     * Finds a run by its id, its name, or a prefix of either that belongs to this run alone.
     *
     * @throws AmbiguousRunException when several runs match
     */
    public Optional<RunHeader> find(String idOrName) {
        return journal.runs().find(idOrName).map(this::header);
    }

    /** The newest runs first, at most {@code limit}. */
    public ImmutableList<RunHeader> list(int limit) {
        return journal.runs().list(limit).stream().map(this::header).collect(ImmutableList.toImmutableList());
    }

    private RunHeader header(RunRecord run) {
        @Nullable String outcome = run.outcome();
        // The lock of an ended run is not probed: a list may have many of them.
        @Nullable
        RunDriver driver = outcome != null
                ? null
                : journal.leases().holder(run.id()).map(RunViews::driver).orElse(null);
        return new RunHeader(
                run.id(),
                run.name(),
                run.pipeline(),
                run.script(),
                run.target(),
                run.startedAt(),
                run.endedAt(),
                outcome == null ? null : Outcome.valueOf(outcome),
                driver,
                run.targetSettings());
    }

    private static RunDriver driver(LockHolder holder) {
        return new RunDriver(holder.pid(), holder.host(), holder.since());
    }

    /**
     * The run now.
     *
     * @param run its id
     */
    public RunView view(String run) {
        return follow(run).view();
    }

    /**
     * A feed of what changes from now on.
     *
     * @param run its id
     */
    public RunFeed follow(String run) {
        RecordedRun recorded = RecordedRun.read(journal, run, graph(run));
        return feed(run, recorded.state(), recorded.nextSeq(), recorded.unfit());
    }

    /**
     * A feed of everything that has happened, and of what changes from now on.
     *
     * @param run its id
     */
    public RunFeed replay(String run) {
        return feed(run, new RunState(graph(run)), 1, Optional.empty());
    }

    /**
     * From when to when the clusters of a run were there. Nothing is read before {@link ClusterUptimes#read}.
     *
     * @param run its id
     */
    public ClusterUptimes uptimes(String run) {
        return new ClusterUptimes(journal.events(), run, graph(run));
    }

    private RunFeed feed(String run, RunState state, long next, Optional<String> unfit) {
        return new RunFeed(journal.events(), () -> require(run), run, state, next, unfit);
    }

    private RunHeader require(String run) {
        return find(run)
                .orElseThrow(() -> new JournalException("The run " + run + " is not in the journal any more.", null));
    }

    private TaskGraph graph(String run) {
        try {
            return TaskGraph.compileChecked(SpecJson.read(journal.runs().spec(run)));
        } catch (IllegalArgumentException e) {
            throw new JournalException(
                    "The spec of run " + run + " cannot be read: " + e.getMessage()
                            + "\n    It is damaged, or was written by a newer Emrys: use that one, or restore the journal from a copy.",
                    e);
        }
    }

    /**
     * An attempt of a task that the target has accepted, however old. Reads the run's whole history: the newest attempt
     * is in {@link TaskView} too.
     *
     * @return empty when the target has not accepted that attempt
     */
    public Optional<AttemptView> attempt(String run, String task, int number) {
        AttemptSearch search = new AttemptSearch(graph(run), task, number);
        var unused = journal.events().forEach(run, 1, search::take);
        return Optional.ofNullable(search.found);
    }

    private static final class AttemptSearch {
        private final String task;
        private final int number;
        private final @Nullable String acquire;
        private @Nullable String scopeId;
        private @Nullable AttemptView found;

        AttemptSearch(TaskGraph graph, String task, int number) {
            this.task = task;
            this.number = number;
            var scope = graph.scope(graph.indexOf(task));
            this.acquire = scope == null ? null : graph.task(scope.acquire()).id();
        }

        void take(Event event) {
            if (event instanceof Event.AttemptAccepted accepted) {
                if (accepted.task().equals(acquire)) {
                    scopeId = accepted.remoteId();
                }
                if (accepted.task().equals(task) && accepted.attempt() == number) {
                    found = new AttemptView(task, number, scopeId, accepted.remoteId());
                }
            }
        }
    }
}
