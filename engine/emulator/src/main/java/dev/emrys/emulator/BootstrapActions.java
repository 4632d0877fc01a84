package dev.emrys.emulator;

import software.amazon.awssdk.services.emr.model.ClusterState;

/**
 * Runs the bootstrap actions of BOOTSTRAPPING clusters, one after the other. EMR runs each on every instance; the
 * emulator runs it once, as the primary instance. Every method is called within a transaction.
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

    BootstrapActions(StepRunner runner, Transactor transactor, Cluster cluster, FaultRules faultRules) {
        this.faultRules = faultRules;
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
            launch(entry, number);
            if (entry.cluster().state() == ClusterState.TERMINATING) {
                cancel(entry);
            }
        }
    }

    /** Ends the action that runs, if one does. */
    void cancel(ClusterEntry entry) {
        Integer number = entry.cluster().bootstrapAction();
        if (number != null) {
            String clusterId = entry.cluster().id();
            transactor.afterCommitWithRetry(() -> runner.cancelBootstrapAction(clusterId, number));
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
            launch(entry, number);
        }
    }

    private void launch(ClusterEntry entry, int number) {
        BootstrapLaunch launch = StepLaunchFactory.bootstrapAction(entry, number, transactor.now());
        BootstrapListener listener = exit -> transactor.transactWithRetry(account -> ended(account, launch, exit));
        transactor.afterCommit(() -> {
            try {
                runner.startBootstrapAction(launch, listener);
            } catch (RuntimeException e) {
                listener.ended(new BootstrapExit.NotStarted(
                        transactor.now(), "The bootstrap action could not be started: " + e.getMessage()));
            }
        });
    }

    private void ended(AccountState account, BootstrapLaunch launch, BootstrapExit exit) {
        ClusterEntry entry = account.find(launch.clusterId());
        Integer running = entry == null ? null : entry.cluster().bootstrapAction();
        if (entry == null || running == null || running != launch.number()) {
            return; // A runner may report the end twice after a restart.
        }
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
