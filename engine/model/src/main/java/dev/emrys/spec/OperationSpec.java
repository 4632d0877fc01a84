package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A task that changes a cluster itself, or waits for something of it, instead of running a step there.
 *
 * @param name unique within the pipeline
 * @param cluster the name of the cluster; it waits for its start, as a step does
 * @param operation what it does
 * @param after the names of the tasks that must have succeeded before
 * @param retry how often and on what to try again
 * @param timeout the longest time that one attempt may take, from the moment EMR has accepted it; null for no limit
 * @param location where the author wrote it
 */
public record OperationSpec(
        String name,
        String cluster,
        ClusterOperation operation,
        ImmutableList<String> after,
        RetryPolicy retry,
        @Nullable Duration timeout,
        SourceLocation location)
        implements TaskSpec {

    @Override
    public String action() {
        return "operate-cluster";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.operation(this);
    }

    @Override
    public String noun() {
        return "operation";
    }

    @Override
    public String summary() {
        return operation.summary();
    }

    @Override
    public String scope() {
        return cluster;
    }

    @Override
    public ImmutableList<String> filled() {
        return operation.filled();
    }

    @Override
    public OperationSpec withTexts(UnaryOperator<String> replace) {
        return new OperationSpec(name, cluster, operation.withTexts(replace), after, retry, timeout, location);
    }

    /** Adds every error that can be seen only with the cluster that the run starts. */
    void checkOn(ClusterSpec started, Diagnostics diagnostics) {
        operation.checkOn(started, new OperationCheck(name, location, diagnostics));
    }

    @Override
    public void check(Diagnostics diagnostics) {
        Names.check(noun(), name, location, diagnostics);
        operation.check(new OperationCheck(name, location, diagnostics));
        retry.check(noun(), name, RetryPolicy.OF_OPERATIONS, location, diagnostics);
        if (timeout != null) {
            diagnostics.unless(
                    timeout.toSeconds() >= 1, PipelineCode.TIMEOUT_TOO_SHORT, location, noun(), name, timeout);
        }
    }
}
