package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A task that only waits, in the engine itself: it needs no cluster and no target.
 *
 * @param name unique within the pipeline
 * @param duration how long it waits, from the moment when the tasks before it have succeeded; at most 365 days
 * @param after the names of the tasks that must have succeeded before
 * @param location where the author wrote it
 */
public record WaitSpec(String name, Duration duration, ImmutableList<String> after, SourceLocation location)
        implements TaskSpec {
    private static final Duration MAX_DURATION = Duration.ofDays(365);

    @Override
    public String action() {
        return "wait";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.waiting(this);
    }

    @Override
    public String noun() {
        return "wait";
    }

    @Override
    public String summary() {
        return "waits " + Durations.words(duration);
    }

    @Override
    public RetryPolicy retry() {
        return RetryPolicy.NONE;
    }

    @Override
    public @Nullable Duration timeout() {
        return null;
    }

    @Override
    public @Nullable String scope() {
        return null;
    }

    @Override
    public ImmutableList<String> filled() {
        return ImmutableList.of();
    }

    @Override
    public WaitSpec withTexts(UnaryOperator<String> replace) {
        return this;
    }

    @Override
    public void check(Diagnostics diagnostics) {
        Names.check(noun(), name, location, diagnostics);
        diagnostics.unless(
                !duration.isNegative() && duration.compareTo(MAX_DURATION) <= 0,
                PipelineCode.WAIT_OUT_OF_RANGE,
                location,
                name,
                duration);
    }
}
