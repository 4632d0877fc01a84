package dev.emrys.spec;

import java.util.function.UnaryOperator;

/**
 * What a node of the task graph does. The kinds are closed: code that treats them differently implements {@link Cases},
 * so that a new kind does not compile until every such place handles it.
 */
public sealed interface TaskKind permits TaskSpec, ClusterStart, ClusterUse, ClusterEnd {

    /** One method per kind. */
    interface Cases<R> {
        R clusterStart(ClusterStart start);

        R clusterUse(ClusterUse use);

        R step(StepSpec step);

        R waiting(WaitSpec wait);

        R operation(OperationSpec operation);

        R clusterEnd(ClusterEnd end);
    }

    /** What the kind is called in a plan's JSON, such as {@code run-step}. */
    String action();

    <R> R accept(Cases<R> cases);

    /** The kind with every text replaced in which a placeholder may be filled in. */
    TaskKind withTexts(UnaryOperator<String> replace);
}
