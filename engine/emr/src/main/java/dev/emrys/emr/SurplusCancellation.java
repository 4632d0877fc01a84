package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.List;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;

/**
 * Cancels steps that EMR has besides the ones that are used. One that has ended need not be cancelled, and one that
 * cannot be must not keep the run from the one that is used.
 */
final class SurplusCancellation extends ApiCall<SdkResponse> {
    /** EMR's limit for the ids of one CancelSteps. */
    private static final int PER_CALL = 256;

    private final RetryingCaller calls;
    private final ImmutableList<EmrRun> runs;
    private final String clusterId;
    private final ImmutableList<String> ids;

    private SurplusCancellation(
            RetryingCaller calls, ImmutableList<EmrRun> runs, String clusterId, ImmutableList<String> ids) {
        super(EmrOperation.CANCEL_STEPS, ApiBudget.Priority.MUTATION);
        this.calls = calls;
        this.runs = runs;
        this.clusterId = clusterId;
        this.ids = ids;
    }

    /** A step that EMR has besides the one that is used. */
    record Surplus(String id, String usedId, String name) {}

    static void begin(RetryingCaller calls, EmrRun run, String clusterId, List<Surplus> steps) {
        ImmutableList<EmrRun> runs = ImmutableList.of(run);
        Surplus first = steps.get(0);
        String others = steps.size() == 1 ? "" : ", and " + (steps.size() - 1) + " others of the cluster too";
        calls.warn(
                runs,
                "EMR has the step \"" + first.name() + "\" of " + clusterId + " more than once: " + first.id()
                        + " is being cancelled, " + first.usedId() + " is used" + others + ".");
        Lists.partition(steps, PER_CALL)
                .forEach(part -> calls.begin(new SurplusCancellation(
                        calls,
                        runs,
                        clusterId,
                        part.stream().map(Surplus::id).collect(ImmutableList.toImmutableList()))));
    }

    @Override
    String what() {
        return "Cancelling "
                + (ids.size() == 1 ? "the surplus step " + ids.get(0) : ids.size() + " surplus steps") + " of "
                + clusterId;
    }

    @Override
    ImmutableList<EmrRun> runs() {
        return runs;
    }

    @Override
    SdkResponse send(EmrClient client) {
        return client.cancelSteps(request -> request.clusterId(clusterId)
                .stepIds(ids)
                .stepCancellationOption(StepCancellationOption.TERMINATE_PROCESS));
    }

    @Override
    void answered(SdkResponse answer) {}

    /** EMR refuses all for one that has ended: halves find out which. */
    @Override
    void refused(CallFailure.Refused refused) {
        if (ids.size() > 1) {
            Lists.partition(ids, (ids.size() + 1) / 2)
                    .forEach(half ->
                            calls.begin(new SurplusCancellation(calls, runs, clusterId, ImmutableList.copyOf(half))));
        } else {
            calls.warn(
                    runs,
                    "The surplus step " + ids.get(0) + " of " + clusterId + " could not be cancelled: "
                            + refused.text());
        }
    }
}
