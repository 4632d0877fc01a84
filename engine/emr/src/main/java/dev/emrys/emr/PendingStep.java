package dev.emrys.emr;

import dev.emrys.drive.Effects.Reports;

/** A step that is to be submitted, and who waits for the answer. */
record PendingStep(EmrCommand.StepSubmission command, Reports reports) {
    String key() {
        return command.key();
    }
}
