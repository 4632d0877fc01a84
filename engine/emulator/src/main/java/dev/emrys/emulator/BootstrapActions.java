package dev.emrys.emulator;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.services.emr.model.ClusterState;

/**
 * Runs the bootstrap actions of BOOTSTRAPPING clusters, one after the other. EMR runs each on every instance; the
 * emulator runs it once, as the primary instance, and of all clusters at most {@link EmulatorSettings#maxRunningSteps}
 * at the same time, beside as many steps: they are all of this one machine. Every method is called within a
 * transaction.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html">Create bootstrap
 *     actions</a>
 */
final class BootstrapActions {

    /** What becomes of the cluster whose actions have ended. */
    interface Cluster {

        /** The last action has succeeded. */
        void bootstrapped(AccountState account, ClusterEntry entry);

        /** An action has failed. */
        void fail(AccountState account, ClusterEntry entry, StartFailure failure);

        /** The cluster is TERMINATING, and the action that ran has ended. */
        void finishTermination(AccountState account, ClusterEntry entry);
    }

    private final StepRunner runner;
    private final Transactor transactor;
    private final Cluster cluster;
    private final FaultRules faultRules;
    private final int limit;

    /** The clusters whose action the runner has. This and {@link #waiting} are used only by actions of the transactor. */
    private final Set<String> started = new LinkedHashSet<>();

    /** The actions that wait for another one to end, by cluster, longest waiting first. */
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    private record Waiting(BootstrapLaunch launch, BootstrapListener listener) {}

    BootstrapActions(
            StepRunner runner,
            Transactor transactor,
            Cluster cluster,
            FaultRules faultRules,
            EmulatorSettings settings) {
        this.faultRules = faultRules;
        this.limit = settings.maxRunningSteps();
        this.runner = runner;
        this.transactor = transactor;
        this.cluster = cluster;
    }

    /** Starts the first action of a cluster that has become BOOTSTRAPPING. */
    void start(AccountState account, ClusterEntry entry) {
        start(account, entry, 1);
    }

    /** Continues a cluster that was loaded from the store. */
    void resume(ClusterEntry entry) {
        Integer number = entry.cluster().bootstrapAction();
        if (number != null) {
            // A process may run that only the runner can end.
            boolean isEnding = entry.cluster().state() == ClusterState.TERMINATING;
            launch(entry, number, isEnding);
            if (isEnding) {
                cancel(entry);
            }
        }
    }

    /** Ends the action that runs, if one does. */
    void cancel(ClusterEntry entry) {
        Integer number = entry.cluster().bootstrapAction();
        if (number != null) {
            String clusterId = entry.cluster().id();
            transactor.afterCommitWithRetry(() -> cancel(clusterId, number));
        }
    }

    private void cancel(String clusterId, int number) {
        Waiting unstarted = waiting.remove(clusterId);
        if (unstarted == null) {
            runner.cancelBootstrapAction(clusterId, number);
        } else {
            unstarted.listener().ended(new BootstrapExit.Cancelled(transactor.now()));
        }
    }

    private void start(AccountState account, ClusterEntry entry, int number) {
        int actions = entry.clusterRequest.request().bootstrapActions().size();
        account.put(entry, entry.cluster().withBootstrapAction(null));
        // Without actions the rule is for what EMR itself installs.
        boolean isDue = number <= actions || actions == 0;
        if (isDue && faultRules.bootstrapFails(actions == 0 ? 0 : number)) {
            String instance = Instances.primaryInstanceId(entry, transactor.now());
            cluster.fail(
                    account,
                    entry,
                    actions == 0
                            ? StartFailure.ofProvisioning(instance)
                            : StartFailure.ofBootstrapAction(instance, number, "A fault rule says so.", null));
        } else if (number > actions) {
            cluster.bootstrapped(account, entry);
        } else {
            account.put(entry, entry.cluster().withBootstrapAction(number));
            launch(entry, number, false);
        }
    }

    /** @param now whatever runs */
    private void launch(ClusterEntry entry, int number, boolean now) {
        BootstrapLaunch launch = StepLaunchFactory.bootstrapAction(entry, number, transactor.now());
        BootstrapListener listener = exit -> transactor.transactWithRetry(account -> ended(account, launch, exit));
        transactor.afterCommit(() -> {
            if (now) {
                begin(new Waiting(launch, listener));
            } else {
                waiting.put(launch.clusterId(), new Waiting(launch, listener));
                startWaiting();
            }
        });
    }

    private void startWaiting() {
        while (started.size() < limit && !waiting.isEmpty()) {
            String next = waiting.keySet().iterator().next();
            begin(Objects.requireNonNull(waiting.remove(next)));
        }
    }

    private void begin(Waiting action) {
        started.add(action.launch().clusterId());
        try {
            runner.startBootstrapAction(action.launch(), action.listener());
        } catch (RuntimeException e) {
            action.listener()
                    .ended(new BootstrapExit.NotStarted(
                            transactor.now(), "The bootstrap action could not be started: " + e.getMessage()));
        }
    }

    private void ended(AccountState account, BootstrapLaunch launch, BootstrapExit exit) {
        ClusterEntry entry = account.find(launch.clusterId());
        Integer running = entry == null ? null : entry.cluster().bootstrapAction();
        if (entry == null || running == null || running != launch.number()) {
            return; // A runner may report the end twice after a restart.
        }
        transactor.afterCommit(() -> {
            started.remove(launch.clusterId());
            startWaiting();
        });
        if (entry.cluster().state() == ClusterState.TERMINATING) {
            account.put(entry, entry.cluster().withBootstrapAction(null));
            cluster.finishTermination(account, entry);
        } else if (exit instanceof BootstrapExit.Succeeded) {
            start(account, entry, launch.number() + 1);
        } else {
            account.put(entry, entry.cluster().withBootstrapAction(null));
            cluster.fail(account, entry, failure(launch, exit));
        }
    }

    private static StartFailure failure(BootstrapLaunch launch, BootstrapExit exit) {
        if (exit instanceof BootstrapExit.NotStarted notStarted) {
            return StartFailure.ofDownload(launch.instanceId(), launch.number(), notStarted.details());
        }
        return exit instanceof BootstrapExit.Failed failed
                ? StartFailure.ofBootstrapAction(
                        launch.instanceId(), launch.number(), failed.details(), failed.logFile())
                : StartFailure.ofBootstrapAction(launch.instanceId(), launch.number(), null, null);
    }
}
