package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ActionOnFailure;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.FailureDetails;
import software.amazon.awssdk.services.emr.model.StepState;

/**
 * What clusters and steps do by themselves. Every method is called within a turn.
 *
 * <p>STARTING → BOOTSTRAPPING → RUNNING ⇄ WAITING → TERMINATING → TERMINATED or TERMINATED_WITH_ERRORS; PENDING → RUNNING →
 * COMPLETED, FAILED, INTERRUPTED or (by way of CANCEL_PENDING) CANCELLED.
 */
final class Lifecycle {

    private final EmulatorPorts ports;
    private final EmulatorSettings settings;
    private final Turns turns;

    Lifecycle(EmulatorPorts ports, EmulatorSettings settings, Turns turns) {
        this.ports = ports;
        this.settings = settings;
        this.turns = turns;
    }

    /** A cluster has been stored as STARTING. */
    void born(Shelf shelf) {
        awaitPhase(shelf.cluster());
    }

    /** Steps were added, a level was changed, a place became free: starts what may start, and decides what the cluster does. */
    void advance(Ledger ledger, Shelf shelf) {
        ClusterState state = shelf.cluster().state();
        if (state != ClusterState.RUNNING && state != ClusterState.WAITING) {
            return;
        }
        for (StepRecord step : ImmutableList.copyOf(shelf.pending.values())) {
            if (shelf.running.size() >= shelf.cluster().concurrency()) {
                break;
            }
            if (mayStart(shelf, step)) {
                start(ledger, shelf, step);
            }
        }
        if (shelf.active() > 0) {
            if (state != ClusterState.RUNNING) {
                ledger.put(shelf, shelf.cluster().in(ClusterState.RUNNING, null, "Running step"));
            }
        } else if (autoTerminates(shelf)) {
            terminate(ledger, shelf, ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED, "Steps completed");
        } else if (state != ClusterState.WAITING) {
            await(ledger, shelf);
        }
    }

    /**
     * Ends a cluster: pending steps are CANCELLED now, running ones when the runner has ended them, and the cluster is over after
     * the last of them.
     */
    void terminate(Ledger ledger, Shelf shelf, ClusterStateChangeReasonCode code, String message) {
        if (!shelf.cluster().modifiable()) {
            return;
        }
        cancelPending(ledger, shelf);
        shelf.running.values().forEach(step -> askToEnd(step, true));
        Instant due = turns.now().plus(settings.terminating());
        ledger.put(
                shelf,
                shelf.cluster().in(ClusterState.TERMINATING, code, message).withPhaseDue(due));
        awaitPhase(shelf.cluster());
    }

    /** Cancels a step that is active; a cancelled step never triggers its action on failure. */
    void cancel(Ledger ledger, Shelf shelf, StepRecord step, boolean force) {
        if (step.pending()) {
            ledger.put(shelf, step.ended(StepState.CANCELLED, turns.now()));
        } else {
            boolean forced = force || step.force();
            ledger.put(shelf, step.cancelPending(forced));
            askToEnd(step, forced);
        }
    }

    /** An auto-termination policy was set, or a cluster began to wait. */
    void watchIdleness(Ledger ledger, Shelf shelf) {
        ClusterRecord cluster = shelf.cluster();
        if (cluster.idleTimeout() == null || cluster.state() != ClusterState.WAITING) {
            return;
        }
        Instant due = cluster.quietSince().plusSeconds(cluster.idleTimeout());
        if (shelf.idleLook == null || due.isBefore(shelf.idleLook)) {
            ledger.bookIdleLook(shelf, due);
            turns.thenAt(due, later -> idleLook(later, cluster.id(), due));
        }
    }

    /** Goes on where a stored cluster was. */
    void resume(Ledger ledger, Shelf shelf) {
        ClusterRecord cluster = shelf.cluster();
        boolean ending = cluster.state() == ClusterState.TERMINATING;
        for (StepRecord step : shelf.running.values()) {
            order(shelf, step);
            if (ending || step.state() == StepState.CANCEL_PENDING) {
                askToEnd(step, ending || step.force());
            }
        }
        if (cluster.phaseDue() != null) {
            awaitPhase(cluster);
        } else if (ending) {
            finish(ledger, shelf);
        } else if (cluster.over()) {
            release(cluster);
        }
        advance(ledger, shelf);
        watchIdleness(ledger, shelf);
    }

    private void awaitPhase(ClusterRecord cluster) {
        Instant due = cluster.phaseDue();
        if (due != null) {
            turns.thenAt(due, later -> phaseOver(later, cluster.id(), due));
        }
    }

    private void phaseOver(Ledger ledger, String clusterId, Instant due) {
        Shelf shelf = ledger.find(clusterId);
        // By the moment that was booked, not by the clock: one that was set back would leave it there for ever.
        if (shelf == null || !due.equals(shelf.cluster().phaseDue())) {
            return; // The state has changed meanwhile, and has a timer of its own.
        }
        Instant now = turns.now();
        ClusterRecord cluster = shelf.cluster();
        switch (cluster.state()) {
            case STARTING -> {
                ledger.put(
                        shelf,
                        cluster.in(ClusterState.BOOTSTRAPPING, null, "Running bootstrap actions")
                                .withPhaseDue(now.plus(settings.bootstrapping())));
                awaitPhase(shelf.cluster());
            }
            case BOOTSTRAPPING -> ready(ledger, shelf, now);
            default -> {
                ledger.put(shelf, cluster.withPhaseDue(null));
                finish(ledger, shelf);
            }
        }
    }

    private void ready(Ledger ledger, Shelf shelf, Instant now) {
        Cluster reachable = shelf.cluster().cluster().toBuilder()
                .masterPublicDnsName("localhost")
                .build();
        ledger.put(
                shelf,
                shelf.cluster()
                        .with(reachable)
                        .in(ClusterState.RUNNING, null, "Running step")
                        .readyAt(now)
                        .withPhaseDue(null));
        advance(ledger, shelf);
    }

    private void await(Ledger ledger, Shelf shelf) {
        ledger.put(
                shelf,
                shelf.cluster()
                        .in(ClusterState.WAITING, null, "Cluster ready to run steps.")
                        .withQuietSince(turns.now()));
        watchIdleness(ledger, shelf);
    }

    private void idleLook(Ledger ledger, String clusterId, Instant booked) {
        Shelf shelf = ledger.find(clusterId);
        if (shelf == null || !booked.equals(shelf.idleLook)) {
            return;
        }
        ledger.bookIdleLook(shelf, null);
        ClusterRecord cluster = shelf.cluster();
        if (cluster.idleTimeout() == null || cluster.state() != ClusterState.WAITING) {
            return;
        }
        if (turns.now().isBefore(cluster.quietSince().plusSeconds(cluster.idleTimeout()))) {
            watchIdleness(ledger, shelf);
        } else {
            // Which code and text the real service shows here is not on record; the policy is the user's own request.
            terminate(
                    ledger,
                    shelf,
                    ClusterStateChangeReasonCode.USER_REQUEST,
                    "Terminated by the auto-termination policy: idle for " + cluster.idleTimeout() + " seconds");
        }
    }

    private boolean mayStart(Shelf shelf, StepRecord step) {
        return shelf.running.isEmpty()
                || ports.runner()
                        .mayStart(
                                Orders.of(shelf, step),
                                shelf.running.values().stream()
                                        .map(running -> Orders.of(shelf, running))
                                        .collect(ImmutableList.toImmutableList()));
    }

    private void start(Ledger ledger, Shelf shelf, StepRecord pending) {
        StepRecord step = pending.startedAt(turns.now());
        ledger.put(shelf, step);
        order(shelf, step);
    }

    private void order(Shelf shelf, StepRecord step) {
        StepOrder order = Orders.of(shelf, step);
        StepListener listener = new Report(step.clusterId(), step.id());
        turns.then(() -> {
            try {
                ports.runner().start(order, listener);
            } catch (RuntimeException e) {
                listener.ended(new StepExit.Failed(
                        turns.now(), "Unknown Error.", "The step could not be started: " + e.getMessage(), null));
            }
        });
    }

    private void askToEnd(StepRecord step, boolean force) {
        turns.thenSurely(() -> ports.runner().cancel(step.clusterId(), step.id(), force));
    }

    private void ended(Ledger ledger, String clusterId, String stepId, StepExit exit) {
        Shelf shelf = ledger.find(clusterId);
        StepRecord step = shelf == null ? null : shelf.anyStep(stepId);
        if (shelf == null || step == null || !step.running()) {
            return; // Reported twice, which a runner may do after a restart.
        }
        ledger.put(shelf, after(shelf, step, exit));
        if (shelf.cluster().state() == ClusterState.TERMINATING) {
            finish(ledger, shelf);
        } else {
            if (exit instanceof StepExit.Failed) {
                actOnFailure(ledger, shelf, step);
            }
            advance(ledger, shelf);
        }
    }

    private static StepRecord after(Shelf shelf, StepRecord step, StepExit exit) {
        if (exit instanceof StepExit.Failed failed) {
            return step.failed(
                    failed.at(),
                    FailureDetails.builder()
                            .reason(failed.reason())
                            .message(failed.message())
                            .logFile(failed.logFile() == null ? Orders.logFile(shelf, step) : failed.logFile())
                            .build());
        } else if (exit instanceof StepExit.Completed) {
            return step.ended(StepState.COMPLETED, exit.at());
        }
        boolean asked = step.state() == StepState.CANCEL_PENDING;
        return step.ended(asked ? StepState.CANCELLED : StepState.INTERRUPTED, exit.at());
    }

    /** With a concurrency level above 1 EMR does not act on a failure, whatever the step says. */
    private void actOnFailure(Ledger ledger, Shelf shelf, StepRecord step) {
        ActionOnFailure action = step.step().actionOnFailure();
        if (shelf.cluster().concurrency() > 1 || action == ActionOnFailure.CONTINUE) {
            return;
        }
        boolean terminates = action != ActionOnFailure.CANCEL_AND_WAIT;
        boolean kept = Boolean.TRUE.equals(shelf.cluster().cluster().terminationProtected());
        if (autoTerminates(shelf) || (terminates && !kept)) {
            terminate(ledger, shelf, ClusterStateChangeReasonCode.STEP_FAILURE, "Shut down as step failed");
        } else {
            cancelPending(ledger, shelf);
        }
    }

    private void cancelPending(Ledger ledger, Shelf shelf) {
        while (!shelf.pending.isEmpty()) {
            StepRecord step = shelf.pending.firstEntry().getValue();
            ledger.put(shelf, step.ended(StepState.CANCELLED, turns.now()));
        }
    }

    private void finish(Ledger ledger, Shelf shelf) {
        if (shelf.cluster().phaseDue() != null || !shelf.running.isEmpty()) {
            return;
        }
        ClusterStateChangeReasonCode code =
                shelf.cluster().cluster().status().stateChangeReason().code();
        String message = shelf.cluster().cluster().status().stateChangeReason().message();
        boolean clean = code == ClusterStateChangeReasonCode.USER_REQUEST
                || code == ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED;
        ClusterState state = clean ? ClusterState.TERMINATED : ClusterState.TERMINATED_WITH_ERRORS;
        ledger.put(shelf, shelf.cluster().in(state, code, message).endedAt(turns.now()));
        release(shelf.cluster());
    }

    private void release(ClusterRecord cluster) {
        if (cluster.released()) {
            return;
        }
        turns.thenSurely(() -> {
            ports.runner().clusterEnded(cluster.id());
            turns.eventually(ledger -> {
                Shelf shelf = ledger.find(cluster.id());
                if (shelf != null) {
                    ledger.put(shelf, shelf.cluster().asReleased());
                }
            });
        });
    }

    private static boolean autoTerminates(Shelf shelf) {
        return Boolean.TRUE.equals(shelf.cluster().cluster().autoTerminate());
    }

    private final class Report implements StepListener {
        private final String clusterId;
        private final String stepId;

        Report(String clusterId, String stepId) {
            this.clusterId = clusterId;
            this.stepId = stepId;
        }

        @Override
        public void running(Instant at) {
            turns.eventually(ledger -> {
                Shelf shelf = ledger.find(clusterId);
                @Nullable StepRecord step = shelf == null ? null : shelf.anyStep(stepId);
                if (shelf != null
                        && step != null
                        && step.running()
                        && !at.equals(step.step().status().timeline().startDateTime())) {
                    ledger.put(shelf, step.runningSince(at));
                }
            });
        }

        @Override
        public void ended(StepExit exit) {
            turns.eventually(ledger -> Lifecycle.this.ended(ledger, clusterId, stepId, exit));
        }
    }
}
