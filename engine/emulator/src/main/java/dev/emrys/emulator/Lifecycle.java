package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ActionOnFailure;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.FailureDetails;
import software.amazon.awssdk.services.emr.model.StepState;

/**
 * The state machines of clusters and steps. Every method is called within a transaction.
 *
 * <p>STARTING → BOOTSTRAPPING → RUNNING ⇄ WAITING → TERMINATING → TERMINATED or TERMINATED_WITH_ERRORS; PENDING →
 * RUNNING → COMPLETED, FAILED, INTERRUPTED or (by way of CANCEL_PENDING) CANCELLED.
 */
final class Lifecycle implements BootstrapActions.Cluster {

    private final EmulatorPorts ports;
    private final EmulatorSettings settings;
    private final Transactor transactor;
    private final FaultRules faultRules;
    private final BootstrapActions bootstrapActions;
    private final InstanceLosses losses;
    private final StepQueue stepQueue;

    Lifecycle(EmulatorPorts ports, EmulatorSettings settings, Transactor transactor, FaultRules faultRules) {
        this.ports = ports;
        this.settings = settings;
        this.transactor = transactor;
        this.bootstrapActions = new BootstrapActions(ports.runner(), transactor, this, faultRules, settings);
        this.faultRules = faultRules;
        this.stepQueue = new StepQueue(ports.runner(), settings, transactor, this::start);
        this.losses = new InstanceLosses(transactor, this::terminate, faultRules);
    }

    /** A cluster has been stored as STARTING. */
    void created(ClusterEntry entry) {
        schedulePhaseEnd(entry.cluster());
    }

    /**
     * Starts pending steps within the step concurrency level and the limit of the account, also of other clusters, then
     * updates the cluster's state. Call after steps, levels or states changed.
     */
    void advance(AccountState account, ClusterEntry entry) {
        stepQueue.startSteps(account, entry);
        ClusterState state = entry.cluster().state();
        if (state != ClusterState.RUNNING && state != ClusterState.WAITING) {
            return;
        }
        if (entry.active() > 0) {
            if (state != ClusterState.RUNNING) {
                account.put(entry, entry.cluster().in(ClusterState.RUNNING, null, "Running step"));
            }
        } else if (autoTerminates(entry)) {
            terminate(account, entry, ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED, "Steps completed");
        } else if (state != ClusterState.WAITING) {
            enterWaiting(account, entry);
        }
    }

    /**
     * Terminates a cluster: pending steps are CANCELLED now, running ones when the runner has ended them; the cluster
     * ends after the last of them, and after the bootstrap action that runs.
     */
    void terminate(AccountState account, ClusterEntry entry, ClusterStateChangeReasonCode code, String message) {
        if (!entry.cluster().modifiable()) {
            return;
        }
        cancelPending(account, entry);
        entry.running.values().forEach(step -> requestCancel(step, true));
        bootstrapActions.cancel(entry);
        Instant due = transactor.now().plus(settings.terminating());
        account.put(
                entry,
                entry.cluster().in(ClusterState.TERMINATING, code, message).withPhaseEnd(due));
        schedulePhaseEnd(entry.cluster());
    }

    /** Cancels an active step. A cancelled step never triggers its action on failure. */
    void cancel(AccountState account, ClusterEntry entry, StepRecord step, boolean force) {
        if (step.pending()) {
            account.put(entry, step.ended(StepState.CANCELLED, transactor.now()));
        } else {
            boolean forced = force || step.force();
            account.put(entry, step.cancelPending(forced));
            requestCancel(step, forced);
        }
    }

    /** Schedules the check of the auto-termination policy, if the cluster is WAITING and has one. */
    void scheduleIdleCheck(AccountState account, ClusterEntry entry) {
        ClusterRecord cluster = entry.cluster();
        if (cluster.idleTimeout() == null || cluster.state() != ClusterState.WAITING) {
            return;
        }
        Instant due = cluster.idleSince().plusSeconds(cluster.idleTimeout());
        if (entry.idleCheckAt == null || due.isBefore(entry.idleCheckAt)) {
            account.setIdleCheck(entry, due);
            transactor.scheduleAfterCommit(due, later -> idleCheckAt(later, cluster.id(), due));
        }
    }

    /** Why a step is PENDING though its cluster could run it; null if this is not so. */
    @Nullable
    String waitingReason(AccountState account, ClusterEntry entry, StepRecord step) {
        return stepQueue.reason(account, entry, step);
    }

    /** Continues a cluster that was loaded from the store. Call {@link #resumed} when all of them are. */
    void resume(AccountState account, ClusterEntry entry) {
        ClusterRecord cluster = entry.cluster();
        boolean ending = cluster.state() == ClusterState.TERMINATING;
        for (StepRecord step : entry.running.values()) {
            launch(entry, step);
            if (ending || step.state() == StepState.CANCEL_PENDING) {
                requestCancel(step, ending || step.force());
            }
        }
        bootstrapActions.resume(entry);
        if (cluster.phaseEndsAt() != null) {
            schedulePhaseEnd(cluster);
        } else if (ending) {
            finishTermination(account, entry);
        } else if (cluster.isTerminal()) {
            notifyRunner(cluster);
        }
    }

    /** All clusters of the store are continued: pending steps may start. */
    void resumed(AccountState account, ClusterEntry entry) {
        advance(account, entry);
        scheduleIdleCheck(account, entry);
    }

    private void schedulePhaseEnd(ClusterRecord cluster) {
        Instant due = cluster.phaseEndsAt();
        if (due != null) {
            transactor.scheduleAfterCommit(due, later -> endPhase(later, cluster.id(), due));
        }
    }

    private void endPhase(AccountState account, String clusterId, Instant due) {
        ClusterEntry entry = account.find(clusterId);
        // Compared with the scheduled time, not with the clock: a clock that was set back must not block the phase.
        if (entry == null || !due.equals(entry.cluster().phaseEndsAt())) {
            return; // The state has changed since, and has its own timer.
        }
        Instant now = transactor.now();
        ClusterRecord cluster = entry.cluster();
        switch (cluster.state()) {
            case STARTING -> {
                StartFailure failure =
                        faultRules.hasInsufficientCapacity() ? StartFailure.ofCapacity(entry, settings.region()) : null;
                if (failure == null) {
                    enterBootstrapping(account, entry);
                } else {
                    fail(account, entry, failure);
                }
            }
            case BOOTSTRAPPING -> enterRunning(account, entry, now);
            default -> {
                account.put(entry, cluster.withPhaseEnd(null));
                finishTermination(account, entry);
            }
        }
    }

    private void enterBootstrapping(AccountState account, ClusterEntry entry) {
        account.put(
                entry,
                entry.cluster()
                        .in(ClusterState.BOOTSTRAPPING, null, "Running bootstrap actions")
                        .withPhaseEnd(null));
        bootstrapActions.start(account, entry);
    }

    /** Ends a cluster that has not come up. */
    @Override
    public void fail(AccountState account, ClusterEntry entry, StartFailure failure) {
        account.put(entry, entry.cluster().withErrorDetail(failure.detail()));
        terminate(account, entry, failure.code(), failure.detail().errorMessage());
    }

    /** The last bootstrap action has succeeded: EMR installs the applications now. */
    @Override
    public void bootstrapped(AccountState account, ClusterEntry entry) {
        account.put(entry, entry.cluster().withPhaseEnd(transactor.now().plus(settings.bootstrapping())));
        schedulePhaseEnd(entry.cluster());
    }

    private void enterRunning(AccountState account, ClusterEntry entry, Instant now) {
        Cluster reachable = entry.cluster().cluster().toBuilder()
                .masterPublicDnsName("localhost")
                .build();
        account.put(
                entry,
                entry.cluster()
                        .with(reachable)
                        .in(ClusterState.RUNNING, null, "Running step")
                        .readyAt(now)
                        .withPhaseEnd(null));
        losses.ready(entry);
        advance(account, entry);
    }

    private void enterWaiting(AccountState account, ClusterEntry entry) {
        account.put(
                entry,
                entry.cluster()
                        .in(ClusterState.WAITING, null, "Cluster ready to run steps.")
                        .withIdleSince(transactor.now()));
        scheduleIdleCheck(account, entry);
    }

    private void idleCheckAt(AccountState account, String clusterId, Instant scheduled) {
        ClusterEntry entry = account.find(clusterId);
        if (entry == null || !scheduled.equals(entry.idleCheckAt)) {
            return;
        }
        account.setIdleCheck(entry, null);
        ClusterRecord cluster = entry.cluster();
        if (cluster.idleTimeout() == null || cluster.state() != ClusterState.WAITING) {
            return;
        }
        if (transactor.now().isBefore(cluster.idleSince().plusSeconds(cluster.idleTimeout()))) {
            scheduleIdleCheck(account, entry);
        } else {
            // EMR's own code and text for this case are not documented; the policy counts as the user's request.
            terminate(
                    account,
                    entry,
                    ClusterStateChangeReasonCode.USER_REQUEST,
                    "Terminated by the auto-termination policy: idle for " + cluster.idleTimeout() + " seconds");
        }
    }

    private void start(AccountState account, ClusterEntry entry, StepRecord pending) {
        StepRecord step = pending.startedAt(transactor.now());
        account.put(entry, step);
        launch(entry, step);
    }

    private void launch(ClusterEntry entry, StepRecord step) {
        StepLaunch launch = StepLaunchFactory.of(entry, step);
        StepListener listener = new StepReporter(step.clusterId(), step.id());
        transactor.afterCommit(() -> {
            try {
                ports.runner().start(launch, listener);
            } catch (RuntimeException e) {
                listener.ended(StepExit.Failed.withoutLog(
                        transactor.now(), "Unknown Error.", "The step could not be started: " + e.getMessage()));
            }
        });
    }

    private void requestCancel(StepRecord step, boolean force) {
        transactor.afterCommitWithRetry(() -> ports.runner().cancel(step.clusterId(), step.id(), force));
    }

    private void ended(AccountState account, String clusterId, String stepId, StepExit exit) {
        ClusterEntry entry = account.find(clusterId);
        StepRecord step = entry == null ? null : entry.anyStep(stepId);
        if (entry == null || step == null || !step.running()) {
            return; // A runner may report the end twice after a restart.
        }
        account.put(entry, after(entry, step, exit));
        if (entry.cluster().state() == ClusterState.TERMINATING) {
            finishTermination(account, entry);
        } else if (exit instanceof StepExit.Failed) {
            actOnFailure(account, entry, step);
        }
        advance(account, entry);
    }

    private static StepRecord after(ClusterEntry entry, StepRecord step, StepExit exit) {
        if (exit instanceof StepExit.Failed failed) {
            return step.failed(
                    failed.at(),
                    FailureDetails.builder()
                            .reason(failed.reason())
                            .message(failed.message())
                            .logFile(failed.hasLog() ? StepLaunchFactory.logFile(entry, step, failed.logFile()) : null)
                            .build());
        } else if (exit instanceof StepExit.Completed) {
            return step.ended(StepState.COMPLETED, exit.at());
        }
        boolean requested = step.state() == StepState.CANCEL_PENDING;
        return step.ended(requested ? StepState.CANCELLED : StepState.INTERRUPTED, exit.at());
    }

    /** With a step concurrency level above 1 EMR ignores the action on failure. */
    private void actOnFailure(AccountState account, ClusterEntry entry, StepRecord step) {
        ActionOnFailure action = step.step().actionOnFailure();
        if (entry.cluster().concurrency() > 1 || action == ActionOnFailure.CONTINUE) {
            return;
        }
        boolean terminates = action != ActionOnFailure.CANCEL_AND_WAIT;
        boolean isProtected = Boolean.TRUE.equals(entry.cluster().cluster().terminationProtected());
        if (autoTerminates(entry) || (terminates && !isProtected)) {
            terminate(account, entry, ClusterStateChangeReasonCode.STEP_FAILURE, "Shut down as step failed");
        } else {
            cancelPending(account, entry);
        }
    }

    private void cancelPending(AccountState account, ClusterEntry entry) {
        while (!entry.pending.isEmpty()) {
            StepRecord step = entry.pending.firstEntry().getValue();
            account.put(entry, step.ended(StepState.CANCELLED, transactor.now()));
        }
    }

    /** Ends a TERMINATING cluster, unless it still waits for a timer, a step or a bootstrap action. */
    @Override
    public void finishTermination(AccountState account, ClusterEntry entry) {
        if (entry.cluster().phaseEndsAt() != null
                || entry.cluster().bootstrapAction() != null
                || !entry.running.isEmpty()) {
            return;
        }
        ClusterStateChangeReasonCode code =
                entry.cluster().cluster().status().stateChangeReason().code();
        String message = entry.cluster().cluster().status().stateChangeReason().message();
        boolean normal = code == ClusterStateChangeReasonCode.USER_REQUEST
                || code == ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED;
        ClusterState state = normal ? ClusterState.TERMINATED : ClusterState.TERMINATED_WITH_ERRORS;
        account.put(entry, entry.cluster().in(state, code, message).endedAt(transactor.now()));
        notifyRunner(entry.cluster());
    }

    private void notifyRunner(ClusterRecord cluster) {
        if (cluster.runnerNotified()) {
            return;
        }
        transactor.afterCommitWithRetry(() -> {
            ports.runner().clusterEnded(cluster.id());
            transactor.transactWithRetry(account -> {
                ClusterEntry entry = account.find(cluster.id());
                if (entry != null) {
                    account.put(entry, entry.cluster().withRunnerNotified());
                }
            });
            transactor.purgeStore();
        });
    }

    private static boolean autoTerminates(ClusterEntry entry) {
        return Boolean.TRUE.equals(entry.cluster().cluster().autoTerminate());
    }

    private final class StepReporter implements StepListener {
        private final String clusterId;
        private final String stepId;

        StepReporter(String clusterId, String stepId) {
            this.clusterId = clusterId;
            this.stepId = stepId;
        }

        @Override
        public void running(Instant at) {
            transactor.transactWithRetry(account -> {
                ClusterEntry entry = account.find(clusterId);
                @Nullable StepRecord step = entry == null ? null : entry.anyStep(stepId);
                if (entry != null && step != null && step.running() && !step.startReported()) {
                    account.put(entry, step.runningSince(at));
                }
            });
        }

        @Override
        public void ended(StepExit exit) {
            transactor.transactWithRetry(account -> Lifecycle.this.ended(account, clusterId, stepId, exit));
        }
    }
}
