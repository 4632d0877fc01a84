package dev.emrys.aws;

import dev.emrys.spec.Diagnostic;
import org.jspecify.annotations.Nullable;

/** AWS cannot be used as the settings ask for. */
public final class AwsException extends RuntimeException {
    private final transient Diagnostic diagnostic;

    AwsException(Diagnostic diagnostic, @Nullable Throwable cause) {
        super(diagnostic.what(), cause);
        this.diagnostic = diagnostic;
    }

    /** What is wrong, and how to correct it. */
    public Diagnostic diagnostic() {
        return diagnostic;
    }
}
