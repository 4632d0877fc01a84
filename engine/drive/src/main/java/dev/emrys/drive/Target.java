package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.journal.Lease;
import dev.emrys.journal.TokenBuckets;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.StepSpec;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A service that executes tasks, such as EMR or the emulator on this machine. A run has one; its name is recorded with
 * the run, so that a resume uses the same one. Thread-safe.
 */
public interface Target extends AutoCloseable {
    /** Recorded with every run: never changed. */
    String name();

    /**
     * What it says of a spec before anything is started. Starts and writes nothing, and calls no service.
     *
     * @param submitted the steps that would be submitted; a resume does not submit all of them
     * @return errors for what it cannot execute, which {@code run} refuses; warnings for what it does in another way
     *     than the spec says
     */
    ImmutableList<Diagnostic> preflight(PipelineSpec spec, Predicate<StepSpec> submitted);

    /**
     * What the service itself says of a spec: it is asked for what it has. Starts and writes nothing. Blocks. That it
     * cannot be asked is a warning. By default nothing.
     *
     * @return errors for what it would refuse
     */
    default ImmutableList<Diagnostic> serviceCheck(PipelineSpec spec) {
        return ImmutableList.of();
    }

    /**
     * Fetches what the tasks of a spec need and is not here yet. Blocks.
     *
     * @throws TargetUnavailableException when something cannot be fetched
     */
    void fetch(PipelineSpec spec, FetchProgress progress);

    /**
     * Called before a run is recorded or taken over, since a recorded run retries for as long as its target cannot be
     * reached. Blocks.
     *
     * @throws TargetUnavailableException when it cannot be reached
     */
    void connect();

    /**
     * What {@link #fetch} and {@link #placed} would do for a spec before a run starts, for people; one sentence each.
     * Starts and writes nothing, and calls no service. By default nothing that people need to know.
     */
    default ImmutableList<String> preparations(PipelineSpec spec) {
        return ImmutableList.of();
    }

    /**
     * A spec as this target executes it: what it names of this machine is named where the target finds it. The record of
     * a new run keeps the result, so that a resume executes the same. Called when the target is connected. Blocks. By
     * default the spec as it is.
     *
     * @throws TargetUnavailableException when something cannot be brought there
     */
    default PipelineSpec placed(PipelineSpec spec) {
        return spec;
    }

    /**
     * What the record of a run keeps beside the name, so that a target with the same settings can continue it, such as
     * the account and the region. Names are never changed; no secret. Complete when the target is connected. By default
     * nothing.
     */
    default ImmutableMap<String, String> settings() {
        return ImmutableMap.of();
    }

    /**
     * Called once, before any run: the processes that use the journal may share the quotas of the service by these
     * buckets. By default they are not used.
     */
    default void share(TokenBuckets tokens) {}

    /**
     * Carries out the commands of one run.
     *
     * @param lease of the run: nothing that changes the target is sent unless the lease is valid for as long as that
     *     may take
     */
    Effects effects(RunIdentity run, PipelineSpec spec, Lease lease);

    /** The names of the logs that an attempt may have, in the order in which people read them. */
    ImmutableList<String> logNames();

    /**
     * The logs of one attempt of a task. Blocks.
     *
     * @param scopeId the target's id of the scope that the attempt was submitted to; null when the task needs none
     * @param remoteId the target's id of the attempt
     * @return empty when the target has none
     */
    Optional<AttemptLogs> logs(@Nullable String scopeId, String remoteId);

    /**
     * Where the logs of an attempt are when {@link #logs} cannot read them, for people. Blocks. By default empty.
     *
     * @param scopeId and {@code remoteId} as for {@link #logs}
     */
    default Optional<String> logLocation(@Nullable String scopeId, String remoteId) {
        return Optional.empty();
    }

    /**
     * What the reader of an outcome should know about this target, such as where the results are; one sentence each.
     */
    ImmutableList<String> notes(PipelineSpec spec);

    /** Ends what this process uses to reach it. What it executes goes on. */
    @Override
    void close();

    /** Receives the progress of {@link #fetch}, on any thread. */
    interface FetchProgress {
        /**
         * @param what for people
         * @param files number of files so far
         * @param bytes number of bytes so far
         */
        void fetched(String what, int files, long bytes);

        /**
         * Files of this machine are copied to the target. By default nothing.
         *
         * @param where for people
         * @param files number of files so far
         * @param bytes number of bytes so far
         */
        default void copied(String where, int files, long bytes) {}
    }
}
