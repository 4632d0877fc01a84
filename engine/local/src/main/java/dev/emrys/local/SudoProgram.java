package dev.emrys.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The program {@code sudo} of a cluster's steps and bootstrap actions, which on EMR may become root: here it runs its
 * command as the same user, so that no script changes the machine. {@code sudo pip install} installs
 * into the cluster's home folder.
 */
final class SudoProgram {
    static final String NAME = "sudo";

    private SudoProgram() {}

    static void install(Path bin) throws IOException {
        try (InputStream in = SudoProgram.class.getResourceAsStream("sudo.sh")) {
            if (in == null) {
                throw new IllegalStateException("sudo.sh is missing from the jar");
            }
            ShellPrograms.replace(bin.resolve(NAME), new String(in.readAllBytes(), StandardCharsets.UTF_8), true);
        }
    }
}
