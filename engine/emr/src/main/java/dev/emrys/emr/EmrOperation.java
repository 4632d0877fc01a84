package dev.emrys.emr;

/** The operations of EMR's API that the engine calls; each has a quota of its own. */
public enum EmrOperation {
    RUN_JOB_FLOW,
    ADD_JOB_FLOW_STEPS,
    CANCEL_STEPS,
    TERMINATE_JOB_FLOWS,
    SET_TERMINATION_PROTECTION,
    ADD_TAGS,
    LIST_CLUSTERS,
    DESCRIBE_CLUSTER,
    LIST_STEPS,
    DESCRIBE_STEP,
    LIST_INSTANCE_GROUPS,
    LIST_INSTANCE_FLEETS,
    MODIFY_CLUSTER,
    MODIFY_INSTANCE_GROUPS,
    MODIFY_INSTANCE_FLEET,
    PUT_MANAGED_SCALING_POLICY,
    REMOVE_MANAGED_SCALING_POLICY,
    PUT_AUTO_TERMINATION_POLICY,
    REMOVE_AUTO_TERMINATION_POLICY,
    START_NOTEBOOK_EXECUTION,
    STOP_NOTEBOOK_EXECUTION,
    LIST_NOTEBOOK_EXECUTIONS,
    DESCRIBE_NOTEBOOK_EXECUTION;

    /** Whether it changes what EMR has, so that only the driver of a run may call it for the run. */
    boolean changes() {
        return switch (this) {
            case RUN_JOB_FLOW,
                    ADD_JOB_FLOW_STEPS,
                    CANCEL_STEPS,
                    TERMINATE_JOB_FLOWS,
                    SET_TERMINATION_PROTECTION,
                    ADD_TAGS,
                    MODIFY_CLUSTER,
                    MODIFY_INSTANCE_GROUPS,
                    MODIFY_INSTANCE_FLEET,
                    PUT_MANAGED_SCALING_POLICY,
                    REMOVE_MANAGED_SCALING_POLICY,
                    PUT_AUTO_TERMINATION_POLICY,
                    REMOVE_AUTO_TERMINATION_POLICY,
                    START_NOTEBOOK_EXECUTION,
                    STOP_NOTEBOOK_EXECUTION -> true;
            case LIST_CLUSTERS,
                    DESCRIBE_CLUSTER,
                    LIST_STEPS,
                    DESCRIBE_STEP,
                    LIST_INSTANCE_GROUPS,
                    LIST_INSTANCE_FLEETS,
                    LIST_NOTEBOOK_EXECUTIONS,
                    DESCRIBE_NOTEBOOK_EXECUTION -> false;
        };
    }
}
