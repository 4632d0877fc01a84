package dev.emrys.runtime;

import dev.emrys.local.PrivateFiles;
import java.nio.file.Path;
import java.util.Optional;

/** A file with settings that is found without being named, such as {@code emrys.properties}. Thread-safe. */
public final class SettingsFile {
    private SettingsFile() {}

    /**
     * Why a file may have been written by another user of this machine: see {@link PrivateFiles#distrust}.
     *
     * @return for people, without a full stop; empty when it is trusted
     */
    public static Optional<String> distrust(Path file) {
        return PrivateFiles.distrust(file);
    }
}
