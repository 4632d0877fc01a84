package dev.emrys.runtime;

import dev.emrys.local.PrivateFiles;
import dev.emrys.spec.Placeholders;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Finds secrets at the moment a request is sent: the environment variable {@code EMRYS_SECRET_<NAME>} first, then the
 * file {@code secrets.properties} of the state folder. They are kept nowhere else.
 */
final class SecretSource {
    static final String FILE = "secrets.properties";

    private final Map<String, String> environment;
    private final Path folder;
    private final Path file;

    SecretSource(Map<String, String> environment, Path stateFolder) {
        this.environment = environment;
        this.folder = stateFolder;
        this.file = stateFolder.resolve(FILE);
    }

    /**
     * The file with secrets, if its mode lets other users read it.
     *
     * @throws UntrustedStateException as {@link #find}
     */
    Optional<Path> readableByOthers() {
        return isTrusted() && PrivateFiles.othersMayRead(file) ? Optional.of(file) : Optional.empty();
    }

    /** Whether the file exists. */
    private boolean isTrusted() {
        StateFolder.check(folder);
        return StateFolder.check("secrets file", file);
    }

    /** @throws UntrustedStateException when another user owns the file or its folder, or may write them */
    Optional<String> find(String name) {
        String found = environment.get(Placeholders.variable(name));
        return found != null ? Optional.of(found) : inFile(name);
    }

    private Optional<String> inFile(String name) {
        if (!isTrusted()) {
            return Optional.empty();
        }
        Properties all = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            all.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.ofNullable(all.getProperty(name));
    }
}
