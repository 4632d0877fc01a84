package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A task that the author declared. In JSON its kind is the member {@code type}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StepSpec.class, name = "step"),
    @JsonSubTypes.Type(value = WaitSpec.class, name = "wait"),
    @JsonSubTypes.Type(value = OperationSpec.class, name = "operation"),
})
public sealed interface TaskSpec extends TaskKind permits StepSpec, WaitSpec, OperationSpec {
    /** Unique within the pipeline. */
    String name();

    /** What the kind is called in messages, such as {@code step}. */
    String noun();

    /** What it does, in a few words for a plan. */
    String summary();

    /** The names of the tasks that must have succeeded before. */
    ImmutableList<String> after();

    RetryPolicy retry();

    /** The longest time that one attempt may run; null for no limit. */
    @Nullable
    Duration timeout();

    /** The name of the cluster it runs on; null when it needs none. */
    @Nullable
    String scope();

    /** Where the author wrote it. */
    SourceLocation location();

    /** The texts in which a placeholder is filled in. */
    ImmutableList<String> filled();

    /** Adds every error that can be seen without the other tasks. */
    void check(Diagnostics diagnostics);
}
