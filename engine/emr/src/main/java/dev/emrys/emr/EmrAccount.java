package dev.emrys.emr;

import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * What all runs of this process share on one endpoint: the budget of calls, the status sweep, and the lookups of
 * clusters. Thread-safe.
 *
 * <p>There should be one for each endpoint in a process. Those of several processes share the quota where {@link
 * EmrDependencies#sharedBudget} is given and {@link Endpoint#account} says which one it is; otherwise each would spend
 * the whole quota.
 */
public final class EmrAccount implements AutoCloseable {
    private final Endpoint endpoint;
    private final EmrDependencies dependencies;
    private final RetryingCaller calls;
    private final StatusPoller poller;
    private final ClusterEnder ender;
    private final ClusterLauncher clusters;
    private final ClusterFinder finder;
    private final ClusterOperations operations;
    private final Set<EmrRun> runs = new CopyOnWriteArraySet<>();

    /** @param endpoint is closed with this */
    public EmrAccount(Endpoint endpoint, EmrDependencies dependencies) {
        this.endpoint = endpoint;
        this.dependencies = dependencies;
        this.calls = new RetryingCaller(endpoint, dependencies, bug -> runs.forEach(run -> run.fail(bug)));
        this.poller = new StatusPoller(calls);
        this.ender = new ClusterEnder(calls);
        this.clusters = new ClusterLauncher(calls, ender);
        this.finder = new ClusterFinder(calls);
        this.operations = new ClusterOperations(calls, poller);
    }

    EmrDependencies dependencies() {
        return dependencies;
    }

    RetryingCaller calls() {
        return calls;
    }

    StatusPoller poller() {
        return poller;
    }

    ClusterEnder ender() {
        return ender;
    }

    ClusterLauncher clusters() {
        return clusters;
    }

    ClusterFinder finder() {
        return finder;
    }

    ClusterOperations operations() {
        return operations;
    }

    void open(EmrRun run) {
        runs.add(run);
    }

    void close(EmrRun run) {
        run.close();
        runs.remove(run);
        poller.forget(run);
        operations.forget(run);
    }

    /** Makes no more calls. The endpoint is closed when no call is in flight. */
    @Override
    public void close() {
        runs.forEach(this::close);
        calls.close();
        poller.close();
        // Not before: a call that is in flight uses its client.
        var unused = calls.whenIdle().thenRun(endpoint::close);
    }
}
