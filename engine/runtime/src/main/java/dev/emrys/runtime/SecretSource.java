package dev.emrys.runtime;

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
 * Finds secrets at the moment a request is sent: the environment variable {@code EMRYS_SECRET_<NAME>} first, then the file {@code
 * secrets.properties} of the state folder. They are kept nowhere else.
 */
final class SecretSource {
    private final Map<String, String> environment;
    private final Path file;

    SecretSource(Map<String, String> environment, Path stateFolder) {
        this.environment = environment;
        this.file = stateFolder.resolve("secrets.properties");
    }

    Optional<String> find(String name) {
        String found = environment.get(Placeholders.variable(name));
        return found != null ? Optional.of(found) : inFile(name);
    }

    private Optional<String> inFile(String name) {
        if (!Files.exists(file)) {
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
