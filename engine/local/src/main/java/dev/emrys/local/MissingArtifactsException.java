package dev.emrys.local;

import org.jspecify.annotations.Nullable;

/** Maven's repositories answer, and do not have a jar or POM of a distribution. */
public final class MissingArtifactsException extends LocalSetupException {
    private static final long serialVersionUID = 1;

    private final String artifact;

    /** @param artifact the coordinates of the first one that is missing */
    MissingArtifactsException(String artifact, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.artifact = artifact;
    }

    /** The coordinates of the first one that is missing. */
    public String artifact() {
        return artifact;
    }
}
