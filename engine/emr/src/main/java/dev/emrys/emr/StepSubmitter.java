package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Submits the steps of one run: those of one cluster that are ready within a moment go out in one call. Thread-safe.
 */
final class StepSubmitter {
    private final RetryingCaller calls;
    private final EmrRun run;

    /** By cluster. */
    private final Map<String, SubmissionQueue> queues = new LinkedHashMap<>();

    StepSubmitter(RetryingCaller calls, EmrRun run) {
        this.calls = calls;
        this.run = run;
    }

    void submit(ImmutableList<EmrCommand.StepSubmission> commands, Reports reports) {
        Map<String, List<PendingStep>> certain = new LinkedHashMap<>();
        Map<String, List<PendingStep>> uncertain = new LinkedHashMap<>();
        for (EmrCommand.StepSubmission command : commands) {
            (command.uncertain() ? uncertain : certain)
                    .computeIfAbsent(command.clusterId(), id -> new ArrayList<>())
                    .add(new PendingStep(command, reports));
        }
        certain.forEach((id, steps) -> {
            if (run.wasTakenOver()) {
                queue(id).lookUpOld(steps);
            } else {
                queue(id).add(steps);
            }
        });
        uncertain.forEach((id, steps) -> queue(id).lookUp(steps));
    }

    private synchronized SubmissionQueue queue(String clusterId) {
        return queues.computeIfAbsent(clusterId, id -> new SubmissionQueue(calls, run, id));
    }
}
