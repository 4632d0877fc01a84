package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The logs of failed steps, where the service keeps them apart from its answers. They tell the cause of a failure when
 * EMR does not. Thread-safe; its methods return at once.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html">View log
 *     files</a>
 */
public interface FailureLogs {
    /**
     * A step that has failed, as EMR lists it.
     *
     * @param logFile in which EMR found its reason
     * @param logUri the log location of the step
     * @param ended when it has failed
     */
    record FailedStep(
            String clusterId, String stepId, Optional<String> logFile, Optional<String> logUri, Instant ended) {}

    /**
     * The end of a log.
     *
     * @param location for people: a URI
     * @param text lines, of which the first may be incomplete
     */
    record Excerpt(String location, String text) {}

    /**
     * What the logs say at the moment.
     *
     * @param excerpts the step's own logs, the more telling ones first; empty when there is none, or none yet
     * @param containers the logs of its driver, where that runs on the cluster
     * @param isComplete whether nothing more will come
     * @param absence why there is no log, as sentences; empty when there is one
     */
    record Findings(
            ImmutableList<Excerpt> excerpts,
            ImmutableList<Excerpt> containers,
            boolean isComplete,
            Optional<String> absence) {
        static final Findings NONE = new Findings(ImmutableList.of(), ImmutableList.of(), false, Optional.empty());
    }

    /** The logs of one step. */
    interface Reader {
        /** Reads what is there. It may take long, and completes exceptionally only for a bug. */
        CompletableFuture<Findings> look();
    }

    /** Opens the logs of a step; nothing is read yet. */
    Reader open(FailedStep step);

    /** The pause between two looks. */
    Duration pollInterval();

    /** How long the report of a failure waits for its logs at most. */
    Duration limit();
}
