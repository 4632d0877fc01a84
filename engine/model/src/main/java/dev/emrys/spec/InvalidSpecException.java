package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;

/** The author's mistakes, all at once. Nothing was started when this is thrown. */
public final class InvalidSpecException extends RuntimeException {
    private final transient ImmutableList<Diagnostic> diagnostics;

    public InvalidSpecException(ImmutableList<Diagnostic> diagnostics) {
        super(diagnostics.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
        this.diagnostics = diagnostics;
    }

    public ImmutableList<Diagnostic> diagnostics() {
        return diagnostics;
    }
}
