package dev.emrys.jobs;

import java.io.PrintStream;

/** An error that the user can fix: printed as a sentence without a stack trace; the job ends with status 1. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
        super(message);
    }

    /** The body of a job. */
    interface Job {
        void run() throws Exception;
    }

    /**
     * The exit status of a job: 0, or 1 after a refusal, which is printed. Any other exception is thrown: its stack
     * trace belongs in the log of the step.
     */
    static int status(Job job, PrintStream err) throws Exception {
        try {
            job.run();
            return 0;
        } catch (Refusal refusal) {
            err.println(refusal.getMessage());
            return 1;
        }
    }
}
