package dev.emrys.drive;

import dev.emrys.spec.Diagnostic;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A target cannot be reached or made ready. The message says what, why and how to correct it. */
public final class TargetUnavailableException extends RuntimeException {
    private final transient @Nullable Diagnostic diagnostic;

    public TargetUnavailableException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
        this.diagnostic = null;
    }

    /** For a reason that has a diagnostic of its own. */
    public TargetUnavailableException(Diagnostic diagnostic, @Nullable Throwable cause) {
        super(diagnostic.what(), cause);
        this.diagnostic = diagnostic;
    }

    /** The diagnostic of the reason; empty when only the message says it. */
    public Optional<Diagnostic> diagnostic() {
        return Optional.ofNullable(diagnostic);
    }
}
