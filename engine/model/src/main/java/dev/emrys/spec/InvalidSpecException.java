package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;

/** The author's errors, all at once. Nothing was started when this is thrown. */
public final class InvalidSpecException extends RuntimeException {
    private final transient ImmutableList<Diagnostic> diagnostics;

    /** @param diagnostics at least one error, and the warnings found beside it */
    public InvalidSpecException(ImmutableList<Diagnostic> diagnostics) {
        super(diagnostics.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
        this.diagnostics = diagnostics;
    }

    public ImmutableList<Diagnostic> diagnostics() {
        return diagnostics;
    }
}
