package dev.emrys.view;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.EventFold;
import dev.emrys.journal.EventLog;
import dev.emrys.run.Event;
import dev.emrys.run.RunState;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Follows one run: each {@link #next} reads only the events that the journal has got since. Thread-safe.
 */
public final class RunFeed {
    private final EventLog events;
    private final Supplier<RunHeader> header;
    private final String run;
    private final RunState state;
    private final EventFold fold;
    private final ChangeReader changes = new ChangeReader();
    private final TaskView[] tasks;
    /** Of the events that were read before this feed. */
    private final Optional<String> unfit;

    private long nextSeq;

    /**
     * @param header reads the run's present header
     * @param state with the events before {@code nextSeq} applied; belongs to this feed from here on
     * @param unfit a sentence about those of them that did not fit
     */
    RunFeed(
            EventLog events,
            Supplier<RunHeader> header,
            String run,
            RunState state,
            long nextSeq,
            Optional<String> unfit) {
        this.events = events;
        this.header = header;
        this.run = run;
        this.state = state;
        this.nextSeq = nextSeq;
        this.unfit = unfit;
        this.fold = new EventFold(state, nextSeq);
        TaskGraph graph = state.graph();
        this.tasks = new TaskView[graph.size()];
        for (int i = 0; i < tasks.length; i++) {
            tasks[i] = TaskView.of(graph.task(i), state.task(i));
        }
    }

    /**
     * Reads the next changes, at most 1,000.
     *
     * @return in order; empty when there are no more at the moment
     * @throws dev.emrys.journal.JournalException when the journal cannot be read
     */
    public synchronized ImmutableList<RunChange> next() {
        ImmutableList<Event> page = events.read(run, nextSeq, EventLog.MAX_PAGE);
        ImmutableList.Builder<RunChange> read = ImmutableList.builderWithExpectedSize(page.size());
        boolean reopened = false;
        for (Event event : page) {
            if (!fold.apply(event)) {
                continue;
            }
            read.add(changes.read(event));
            reopened |= event instanceof Event.RunReopened;
            if (event instanceof Event.OfTask ofTask) {
                refresh(state.graph().indexOf(ofTask.task()));
            }
        }
        if (reopened) {
            for (int i = 0; i < tasks.length; i++) {
                refresh(i);
            }
        }
        nextSeq += page.size();
        return read.build();
    }

    private void refresh(int index) {
        tasks[index] = TaskView.of(state.graph().task(index), state.task(index));
    }

    /** Reads every change that the journal has now, and drops the changes. */
    public void skip() {
        while (!next().isEmpty()) {
            // Each page is applied.
        }
    }

    /** The run as far as it was read. Its driver is read anew. */
    public synchronized RunView view() {
        return new RunView(
                header(),
                state.graph(),
                ImmutableList.copyOf(tasks),
                unfit.or(fold::unfit).orElse(null));
    }

    /** As {@link #view}, without the tasks. */
    public synchronized RunHeader header() {
        return header.get()
                .withEnd(state.endedAt().orElse(null), state.outcome().orElse(null));
    }

    /**
     * A task as far as it was read. Reads nothing.
     *
     * @throws IllegalArgumentException when the run has no such task
     */
    public synchronized TaskView task(String id) {
        int index = state.graph().indexOf(id);
        Preconditions.checkArgument(index >= 0, "The run has no task %s", id);
        return tasks[index];
    }

    /** The tasks as far as they were read, in the order of the script. Reads nothing. */
    public synchronized ImmutableList<TaskView> tasks() {
        return ImmutableList.copyOf(tasks);
    }
}
