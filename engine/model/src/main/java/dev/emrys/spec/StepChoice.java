package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A step of a cluster on EMR, whoever has submitted it: exactly one of the two names it.
 *
 * @param id such as {@code s-3ABCDEFGHIJKL}; null when it is named by its name
 * @param name the name of the step, which for a step of an Emrys run may be without the key of its attempt; null when
 *     it is named by its id
 */
public record StepChoice(@Nullable String id, @Nullable String name) {
    private static final Pattern ID = Pattern.compile("s-[A-Z0-9]{1,254}");

    /** Which one it is, for people. */
    public String identity() {
        return id == null ? "the step \"" + name + "\"" : "the step " + id;
    }

    ImmutableList<String> filled() {
        return name == null ? ImmutableList.of() : ImmutableList.of(name);
    }

    StepChoice withTexts(UnaryOperator<String> replace) {
        return name == null ? this : new StepChoice(id, replace.apply(name));
    }

    void check(OperationCheck check) {
        boolean isOne = (id == null) != (name == null);
        check.diagnostics()
                .unless(
                        isOne && !(name != null && name.isBlank()),
                        PipelineCode.STEP_CHOICE,
                        check.location(),
                        check.name());
        if (id != null) {
            check.diagnostics()
                    .unless(
                            ID.matcher(id).matches(),
                            PipelineCode.STEP_ID,
                            check.location(),
                            check.name(),
                            Objects.requireNonNull(id));
        }
    }
}
