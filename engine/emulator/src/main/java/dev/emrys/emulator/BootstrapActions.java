package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ErrorDetail;

/**
 * Runs the bootstrap actions of BOOTSTRAPPING clusters, one after the other. EMR runs each on every instance; the emulator runs it once, as
 * the primary instance. Every method is called within a transaction.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html">Create bootstrap actions</a>
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-troubleshoot-error-errordetail-bootstrap.html">Bootstrap failure
 *     error codes</a>
 */
final class BootstrapActions {

    private final StepRunner runner;
    private final Transactor transactor;
    private final Lifecycle lifecycle;

    BootstrapActions(StepRunner runner, Transactor transactor, Lifecycle lifecycle) {
        this.runner = runner;
        this.transactor = transactor;
        this.lifecycle = lifecycle;
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
        if (number > entry.clusterRequest.request().bootstrapActions().size()) {
            account.put(entry, entry.cluster().withBootstrapAction(null));
            lifecycle.bootstrapped(account, entry);
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
            lifecycle.finishTermination(account, entry);
        } else if (exit instanceof BootstrapExit.Succeeded) {
            start(account, entry, launch.number() + 1);
        } else {
            account.put(entry, entry.cluster().withBootstrapAction(null));
            failed(account, entry, launch, exit);
        }
    }

    private void failed(AccountState account, ClusterEntry entry, BootstrapLaunch launch, BootstrapExit exit) {
        if (exit instanceof BootstrapExit.NotStarted notStarted) {
            fail(
                    account,
                    entry,
                    "Master instance (" + launch.instanceId() + ") failed attempting to download bootstrap action "
                            + launch.number() + " file from S3",
                    "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY",
                    data(launch, notStarted.details(), null));
        } else {
            fail(
                    account,
                    entry,
                    nonZero(launch.instanceId(), launch.number()),
                    "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
                    exit instanceof BootstrapExit.Failed failure
                            ? data(launch, failure.details(), failure.logFile())
                            : data(launch, null, null));
        }
    }

    /** The texts of EMR are in mrjob's tests of its parser (tests/logs/test_bootstrap.py), the error codes in AWS's list of them. */
    static String nonZero(String instanceId, int number) {
        return "On the master instance (" + instanceId + "), bootstrap action " + number
                + " returned a non-zero return code";
    }

    private void fail(
            AccountState account, ClusterEntry entry, String message, String code, ImmutableMap<String, String> data) {
        account.put(
                entry,
                entry.cluster()
                        .withErrorDetail(ErrorDetail.builder()
                                .errorCode(code)
                                .errorMessage(message)
                                .errorData(ImmutableList.of(data))
                                .build()));
        lifecycle.terminate(account, entry, ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE, message);
    }

    /** EMR's members; {@code log-excerpt} and {@code log-file} are additions of the emulator. */
    private static ImmutableMap<String, String> data(
            BootstrapLaunch launch, @Nullable String details, @Nullable String logFile) {
        ImmutableMap.Builder<String, String> data = ImmutableMap.builder();
        data.put("primary-instance-id", launch.instanceId());
        data.put("bootstrap-action", Integer.toString(launch.number()));
        if (logFile != null) {
            data.put("log-file", logFile);
        }
        if (details != null) {
            data.put("log-excerpt", details);
        }
        return data.buildOrThrow();
    }
}
