package dev.emrys.run;

import dev.emrys.spec.ClusterEnd;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.ClusterUse;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TaskKind;
import dev.emrys.spec.WaitSpec;

/** Which behavior a kind of task has. */
final class Behaviors implements TaskKind.Cases<TaskBehavior> {
    private static final Behaviors CASES = new Behaviors();

    private final TaskBehavior acquire = new AcquireBehavior(false);
    private final TaskBehavior acquireKept = new AcquireBehavior(true);
    private final TaskBehavior declared = new DeclaredTaskBehavior();
    private final TaskBehavior release = new ReleaseBehavior(false);
    private final TaskBehavior releaseKept = new ReleaseBehavior(true);

    private Behaviors() {}

    static TaskBehavior of(TaskKind kind) {
        return kind.accept(CASES);
    }

    @Override
    public TaskBehavior clusterStart(ClusterStart start) {
        return start.cluster().staysAfterRun() ? acquireKept : acquire;
    }

    @Override
    public TaskBehavior clusterUse(ClusterUse use) {
        return acquire;
    }

    @Override
    public TaskBehavior step(StepSpec step) {
        return declared;
    }

    @Override
    public TaskBehavior waiting(WaitSpec wait) {
        return new WaitBehavior(wait.duration());
    }

    @Override
    public TaskBehavior operation(OperationSpec operation) {
        return declared;
    }

    @Override
    public TaskBehavior clusterEnd(ClusterEnd end) {
        return end.cluster().staysAfterRun() ? releaseKept : release;
    }
}
