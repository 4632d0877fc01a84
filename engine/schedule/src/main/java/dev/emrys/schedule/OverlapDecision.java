package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;

/**
 * What to do now, and the state after it.
 *
 * @param action what to do
 * @param state the state after it; a run that is to be started counts as running
 */
public record OverlapDecision<R>(Action<R> action, OverlapState<R> state) {

    /** What to do. */
    public sealed interface Action<R> {

        /** One method per kind. */
        interface Cases<R, T> {
            T start(Start<R> start);

            T skip(Skip<R> skip);

            T buffer(Buffer<R> buffer);

            T cancelOthers(CancelOthers<R> cancel);

            T terminateOthers(TerminateOthers<R> terminate);

            T nothing();
        }

        <T> T accept(Cases<R, T> cases);
    }

    /** Start a run. */
    public record Start<R>(R run) implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.start(this);
        }
    }

    /** Do not start the run. */
    public record Skip<R>(R run, Reason reason) implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.skip(this);
        }
    }

    /** Keep the run until the running ones have ended. */
    public record Buffer<R>(R run) implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.buffer(this);
        }
    }

    /**
     * Cancel the running ones, and keep the run until they have ended.
     *
     * @param run what starts then
     * @param replaced what waited until now and is skipped for this reason
     */
    public record CancelOthers<R>(R run, ImmutableList<R> replaced) implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.cancelOthers(this);
        }
    }

    /**
     * Cancel the running ones, and start the run without waiting for their end.
     *
     * @param run what starts
     * @param replaced what waited until now and is skipped for this reason
     */
    public record TerminateOthers<R>(R run, ImmutableList<R> replaced) implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.terminateOthers(this);
        }
    }

    /** Nothing is to be done. */
    public record Nothing<R>() implements Action<R> {
        @Override
        public <T> T accept(Cases<R, T> cases) {
            return cases.nothing();
        }
    }

    /** Why a run is not started. */
    public enum Reason {
        /** Another one runs. */
        RUNNING,
        /** As many wait as may. */
        BUFFER_FULL
    }
}
