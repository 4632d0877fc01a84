package dev.emrys.journal;

/** The right to drive a run, until it is closed or the process ends. Thread-safe. */
public interface Lease extends AutoCloseable {
    /** The id of the run. */
    String run();

    /**
     * The fencing token: larger than that of every earlier lease of the run. An append with a smaller token than the run's newest one
     * fails, so that a process that lost its lease without noticing cannot write.
     */
    long token();

    /** Releases the run. A second call has no effect, also when the run has been acquired again. */
    @Override
    void close();
}
