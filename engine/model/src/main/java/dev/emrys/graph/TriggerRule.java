package dev.emrys.graph;

/**
 * What the ends of a task's upstreams mean for the task: a pure function of how many of them are open, succeeded,
 * failed (or were cancelled) and were skipped. A task whose edges have several rules runs when each rule says so, and
 * is skipped when one does. The names are Airflow's (Apache Airflow documentation, "Trigger Rules").
 */
public enum TriggerRule {
    /** Runs when every upstream succeeded; is skipped as soon as one has ended otherwise. */
    ALL_SUCCESS {
        @Override
        public Decision decide(int open, int succeeded, int failed, int skipped) {
            if (failed + skipped > 0) {
                return Decision.SKIP;
            }
            return open == 0 ? Decision.RUN : Decision.WAIT;
        }
    },
    /** Runs when every upstream has ended, however it ended. */
    ALL_DONE {
        @Override
        public Decision decide(int open, int succeeded, int failed, int skipped) {
            return open == 0 ? Decision.RUN : Decision.WAIT;
        }
    };

    /** What a rule says of a task. */
    public enum Decision {
        RUN,
        SKIP,
        WAIT
    }

    public abstract Decision decide(int open, int succeeded, int failed, int skipped);
}
