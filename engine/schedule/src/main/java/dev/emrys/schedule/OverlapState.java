package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;

/**
 * The runs of a schedule as far as {@link Overlap} needs them.
 *
 * @param running how many run
 * @param waiting what starts when they have ended, in order
 * @param <R> what identifies a run to be started: a fire, or a manual request
 */
public record OverlapState<R>(int running, ImmutableList<R> waiting) {

    /** @throws IllegalArgumentException if the number is negative */
    public OverlapState {
        if (running < 0) {
            throw new IllegalArgumentException("A negative number of runs: " + running);
        }
    }

    /** Nothing runs or waits. */
    public static <R> OverlapState<R> idle() {
        return new OverlapState<>(0, ImmutableList.of());
    }

    OverlapState<R> withOneStarted() {
        return new OverlapState<>(running + 1, waiting);
    }

    OverlapState<R> withWaiting(ImmutableList<R> waiting) {
        return new OverlapState<>(running, waiting);
    }
}
