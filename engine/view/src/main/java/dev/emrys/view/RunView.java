package dev.emrys.view;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.graph.Scope;
import dev.emrys.graph.TaskGraph;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.TaskSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run at one moment. Immutable. */
public final class RunView {
    private final RunHeader header;
    private final TaskGraph graph;
    private final ImmutableList<TaskView> tasks;
    private final @Nullable String unfit;

    RunView(RunHeader header, TaskGraph graph, ImmutableList<TaskView> tasks, @Nullable String unfit) {
        this.unfit = unfit;
        this.header = header;
        this.graph = graph;
        this.tasks = tasks;
    }

    public RunHeader header() {
        return header;
    }

    /** A sentence about events of the journal that do not fit the run and were left out; empty when all fit. */
    public Optional<String> unfit() {
        return Optional.ofNullable(unfit);
    }

    /** What the run executes, as its author wrote it. */
    public PipelineSpec spec() {
        return graph.spec();
    }

    public ImmutableMap<String, String> params() {
        return graph.spec().params();
    }

    /** Every task, in the order of the script. */
    public ImmutableList<TaskView> tasks() {
        return tasks;
    }

    /** The EMR steps, in the order of the script. */
    public ImmutableList<TaskView> steps() {
        return tasks.stream().filter(TaskView::isStep).collect(ImmutableList.toImmutableList());
    }

    /** A task by its id; empty when there is none. */
    public Optional<TaskView> task(String id) {
        int index = graph.indexOf(id);
        return index < 0 ? Optional.empty() : Optional.of(tasks.get(index));
    }

    /** The declared tasks that a task waits for. */
    public ImmutableList<TaskView> upstream(String task) {
        return graph.upstream(graph.indexOf(task)).stream()
                .map(edge -> tasks.get(edge.upstream()))
                .filter(upstream -> upstream.kind() != TaskView.Kind.CLUSTER)
                .collect(ImmutableList.toImmutableList());
    }

    /** The steps that no other declared task waits for: usually the result of the run. */
    public ImmutableList<TaskView> finalSteps() {
        return steps().stream()
                .filter(step -> graph.downstream(graph.indexOf(step.id())).stream()
                        .noneMatch(edge -> graph.task(edge.downstream()).kind() instanceof TaskSpec))
                .collect(ImmutableList.toImmutableList());
    }

    /** The clusters that the run starts and ends, in the order of the script. */
    public ImmutableList<ClusterView> clusters() {
        return graph.scopes().values().stream()
                .filter(Scope::isReleased)
                .map(this::cluster)
                .collect(ImmutableList.toImmutableList());
    }

    private ClusterView cluster(Scope scope) {
        ImmutableList<TaskView> members =
                scope.members().stream().mapToObj(tasks::get).collect(ImmutableList.toImmutableList());
        TaskView end = tasks.get(scope.release());
        boolean isKept = end.isFinal()
                && !end.isSucceeded()
                && !end.isFailed()
                && tasks.get(scope.acquire()).isSucceeded();
        return new ClusterView(scope.name(), members, end, isKept);
    }

    /**
     * A cluster of the run.
     *
     * @param steps the tasks that run on it
     * @param end the task that ends it
     * @param isKept whether it stays after the run, and the run does nothing more with it
     */
    public record ClusterView(String name, ImmutableList<TaskView> steps, TaskView end, boolean isKept) {}
}
