package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.InstanceGroupType;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsResponse;

/**
 * Ends clusters. EMR protects every cluster with several primary instances, whatever the request says (Management
 * Guide, "Plan, configure, and launch ... with multiple primary nodes"): that protection is removed, as is the one
 * that the script asks for. One that a person has set stays.
 */
final class ClusterEnder {
    /** How often EMR must say that it does not know a cluster before its end is taken for reached. */
    private static final int UNKNOWN_TRIES = 6;

    private final RetryingCaller calls;

    ClusterEnder(RetryingCaller calls) {
        this.calls = calls;
    }

    void end(EmrCommand.ClusterTermination command, EmrRun run, Reports reports) {
        end(
                run,
                command.clusterId(),
                () -> reports.report(
                        new Event.AttemptAccepted(calls.now(), command.task(), command.attempt(), command.clusterId())),
                refused -> reports.report(CauseFinder.failed(
                        calls.now(),
                        command.task(),
                        command.attempt(),
                        FailureKind.REFUSED,
                        "The cluster " + command.clusterId() + " could not be ended and may still cost money: "
                                + refused,
                        null)));
    }

    /**
     * Asks EMR to end a cluster.
     *
     * @param accepted called when EMR has accepted it, or does not know the cluster any more
     * @param refused called with EMR's words when it will not
     */
    void end(EmrRun run, String clusterId, Runnable accepted, Consumer<String> refused) {
        calls.begin(new Terminate(run, clusterId, accepted, refused));
    }

    /** A call for one cluster of one run. */
    private abstract static class ForCluster<R> extends ApiCall<R> {
        final EmrRun run;
        final String clusterId;

        ForCluster(EmrOperation operation, EmrRun run, String clusterId) {
            super(operation, Priority.MUTATION);
            this.run = run;
            this.clusterId = clusterId;
        }

        @Override
        String what() {
            return "Ending the cluster " + clusterId;
        }

        @Override
        ImmutableList<EmrRun> runs() {
            return ImmutableList.of(run);
        }
    }

    private final class Terminate extends ForCluster<SdkResponse> {
        private final Runnable accepted;
        private final Consumer<String> whenRefused;
        private boolean unprotected;

        Terminate(EmrRun run, String clusterId, Runnable accepted, Consumer<String> whenRefused) {
            super(EmrOperation.TERMINATE_JOB_FLOWS, run, clusterId);
            this.accepted = accepted;
            this.whenRefused = whenRefused;
        }

        @Override
        SdkResponse send(EmrClient client) {
            return client.terminateJobFlows(request -> request.jobFlowIds(clusterId));
        }

        @Override
        void answered(SdkResponse answer) {
            accepted.run();
        }

        @Override
        void refused(CallFailure.Refused refused) {
            if (refused.missing() == CallFailure.Missing.CLUSTER) {
                // A cluster that EMR does not know any more has ended; one that it does not know yet has not.
                if (failures >= UNKNOWN_TRIES) {
                    accepted.run();
                } else {
                    calls.repeatLater(this);
                }
            } else if (!unprotected && refused.text().contains("termination protected")) {
                unprotected = true;
                calls.begin(
                        run.isProtectedByAuthor(clusterId) ? new Unprotect(this) : new Primaries(this, refused.text()));
            } else {
                whenRefused.accept(refused.text());
            }
        }
    }

    /** Finds out whether it was EMR that protected the cluster. */
    private final class Primaries extends ForCluster<ListInstanceGroupsResponse> {
        private final Terminate terminate;
        private final String refusal;
        private @Nullable String marker;

        Primaries(Terminate terminate, String refusal) {
            super(EmrOperation.LIST_INSTANCE_GROUPS, terminate.run, terminate.clusterId);
            this.terminate = terminate;
            this.refusal = refusal;
        }

        @Override
        ListInstanceGroupsResponse send(EmrClient client) {
            return client.listInstanceGroups(
                    request -> request.clusterId(clusterId).marker(marker));
        }

        @Override
        void answered(ListInstanceGroupsResponse answer) {
            boolean several = answer.instanceGroups().stream()
                    .anyMatch(group -> group.instanceGroupType() == InstanceGroupType.MASTER
                            && group.requestedInstanceCount() > 1);
            marker = answer.marker();
            if (several) {
                calls.begin(new Unprotect(terminate));
            } else if (marker != null) {
                calls.begin(this);
            } else {
                terminate.whenRefused.accept(refusal);
            }
        }

        @Override
        void refused(CallFailure.Refused refused) {
            terminate.whenRefused.accept(refusal);
        }
    }

    private final class Unprotect extends ForCluster<SdkResponse> {
        private final Terminate terminate;

        Unprotect(Terminate terminate) {
            super(EmrOperation.SET_TERMINATION_PROTECTION, terminate.run, terminate.clusterId);
            this.terminate = terminate;
        }

        @Override
        SdkResponse send(EmrClient client) {
            return client.setTerminationProtection(
                    request -> request.jobFlowIds(clusterId).terminationProtected(false));
        }

        @Override
        void answered(SdkResponse answer) {
            calls.begin(terminate);
        }

        @Override
        void refused(CallFailure.Refused refused) {
            terminate.whenRefused.accept(refused.text());
        }
    }
}
