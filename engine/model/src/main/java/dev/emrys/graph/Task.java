package dev.emrys.graph;

import com.google.common.hash.Hashing;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.RetryPolicy;
import dev.emrys.spec.StepSpec;
import java.nio.charset.StandardCharsets;

/** A node of our graph. */
public sealed interface Task {

    /**
     * Stable over runs and unique in a graph: a step's name, {@code start:<cluster>} or {@code end:<cluster>}. Names hold no
     * colon, so the three cannot meet.
     */
    String id();

    RetryPolicy retry();

    /** The cluster that it starts, uses or ends. */
    String cluster();

    /** Sixteen characters that stand for the id where room is scarce, such as in the name of a step; unique in a graph. */
    default String shortId() {
        return Hashing.sha256()
                .hashString(id(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 16);
    }

    /** Starts a cluster; it has succeeded when steps can run there. */
    record StartCluster(ClusterSpec spec) implements Task {
        @Override
        public String id() {
            return "start:" + spec.name();
        }

        @Override
        public RetryPolicy retry() {
            return spec.retry();
        }

        @Override
        public String cluster() {
            return spec.name();
        }
    }

    /** Runs one step. */
    record RunStep(StepSpec spec) implements Task {
        @Override
        public String id() {
            return spec.name();
        }

        @Override
        public RetryPolicy retry() {
            return spec.retry();
        }

        @Override
        public String cluster() {
            return spec.cluster();
        }
    }

    /** Ends a cluster; it runs however the steps ended, and has succeeded when the cluster is gone. */
    record EndCluster(ClusterSpec spec) implements Task {
        @Override
        public String id() {
            return "end:" + spec.name();
        }

        @Override
        public RetryPolicy retry() {
            return RetryPolicy.NONE;
        }

        @Override
        public String cluster() {
            return spec.name();
        }
    }
}
