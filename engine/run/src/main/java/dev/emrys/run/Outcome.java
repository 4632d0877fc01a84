package dev.emrys.run;

/** How a run ended. */
public enum Outcome {
    /** Every step succeeded and every cluster is gone. */
    SUCCEEDED,
    FAILED,
    CANCELLED
}
