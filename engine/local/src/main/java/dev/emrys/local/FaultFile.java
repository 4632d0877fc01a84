package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.FaultRule;
import dev.emrys.emulator.FaultRules;
import dev.emrys.emulator.MalformedJsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A JSON file of fault rules. */
public final class FaultFile {

    private FaultFile() {}

    /** The file cannot be read, or is wrong. The message names the file and the place in it. */
    public static final class UnusableException extends IOException {
        UnusableException(Path file, String why, Exception cause) {
            super(file + ": " + why, cause);
        }
    }

    static ImmutableList<FaultRule> read(Optional<Path> named) throws UnusableException {
        if (named.isEmpty()) {
            return ImmutableList.of();
        }
        Path file = named.get();
        try {
            return FaultRules.parse(Files.readString(file));
        } catch (MalformedJsonException e) {
            throw new UnusableException(file, String.valueOf(e.getMessage()), e);
        } catch (NoSuchFileException e) {
            throw new UnusableException(file, "it does not exist", e);
        } catch (IOException e) {
            throw new UnusableException(file, "it cannot be read as UTF-8: " + e.getMessage(), e);
        }
    }
}
