package dev.emrys.emulator;

/**
 * Receives the report of a {@link StepRunner} about a bootstrap action. Thread-safe; may be called from within
 * {@link StepRunner#startBootstrapAction}.
 */
@FunctionalInterface
public interface BootstrapListener {

    /**
     * The action has ended. Durable when this returns, or retried through the {@link CallbackScheduler}. A second
     * report is ignored.
     */
    void ended(BootstrapExit exit);
}
