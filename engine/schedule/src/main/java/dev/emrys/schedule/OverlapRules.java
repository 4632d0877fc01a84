package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;

/** The decisions about overlapping runs, as pure functions of policy and state. */
public final class OverlapRules {
    private OverlapRules() {}

    /**
     * What to do when a run should start. If nothing runs or waits it starts under every policy.
     *
     * @param overlap the policy
     * @param state the runs now
     * @param run the run that should start
     */
    public static <R> OverlapDecision<R> onFire(Overlap overlap, OverlapState<R> state, R run) {
        if (state.running() == 0 && state.waiting().isEmpty()) {
            return start(state, run);
        }
        return overlap.accept(new WhileRunning<>(state, run));
    }

    /**
     * What to do when a run has ended: start the first that waits, if no other one runs.
     *
     * @param state the runs before the end, the ended one included
     * @throws IllegalArgumentException if nothing runs
     */
    public static <R> OverlapDecision<R> onRunEnded(OverlapState<R> state) {
        return onReady(new OverlapState<>(state.running() - 1, state.waiting()));
    }

    /** What to do with this state, also after a restart: start the first that waits, if nothing runs. */
    public static <R> OverlapDecision<R> onReady(OverlapState<R> state) {
        ImmutableList<R> waiting = state.waiting();
        if (state.running() > 0 || waiting.isEmpty()) {
            return new OverlapDecision<>(new OverlapDecision.Nothing<>(), state);
        }
        return start(state.withWaiting(waiting.subList(1, waiting.size())), waiting.get(0));
    }

    private static <R> OverlapDecision<R> start(OverlapState<R> state, R run) {
        return new OverlapDecision<>(new OverlapDecision.Start<>(run), state.withOneStarted());
    }

    private record WhileRunning<R>(OverlapState<R> state, R run) implements Overlap.Cases<OverlapDecision<R>> {
        @Override
        public OverlapDecision<R> skip() {
            return skipped(OverlapDecision.Reason.RUNNING);
        }

        @Override
        public OverlapDecision<R> bufferOne() {
            return buffer(1);
        }

        @Override
        public OverlapDecision<R> bufferAll(Overlap.BufferAll all) {
            return buffer(all.max());
        }

        @Override
        public OverlapDecision<R> cancelOther() {
            return new OverlapDecision<>(new OverlapDecision.CancelOthers<>(run, state.waiting()), onlyThisWaits());
        }

        @Override
        public OverlapDecision<R> terminateOther() {
            return new OverlapDecision<>(
                    new OverlapDecision.TerminateOthers<>(run, state.waiting()),
                    state.withWaiting(ImmutableList.of()).withOneStarted());
        }

        @Override
        public OverlapDecision<R> allow() {
            return start(state, run);
        }

        private OverlapDecision<R> buffer(int max) {
            if (state.waiting().size() >= max) {
                return skipped(OverlapDecision.Reason.BUFFER_FULL);
            }
            ImmutableList<R> waiting =
                    ImmutableList.<R>builder().addAll(state.waiting()).add(run).build();
            return new OverlapDecision<>(new OverlapDecision.Buffer<>(run), state.withWaiting(waiting));
        }

        private OverlapDecision<R> skipped(OverlapDecision.Reason reason) {
            return new OverlapDecision<>(new OverlapDecision.Skip<>(run, reason), state);
        }

        private OverlapState<R> onlyThisWaits() {
            return state.withWaiting(ImmutableList.of(run));
        }
    }
}
