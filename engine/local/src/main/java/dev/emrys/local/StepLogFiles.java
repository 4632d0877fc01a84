package dev.emrys.local;

import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.StepLaunch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The logs of one step or bootstrap action: files while it runs, and gzipped copies at the cluster's log location when
 * it has ended, as on EMR.
 */
final class StepLogFiles {
    private static final int TAIL_BYTES = 256 * 1024;

    /** Not \r, which a program uses to overwrite a line. */
    private static final Pattern LINE_END = Pattern.compile("\r?\n");

    private static final ImmutableSet<String> NAMED_PROGRAMS = ImmutableSet.<String>builder()
            .addAll(ClusterPaths.programs())
            .add("bash", "sh", "hive-script")
            .build();

    private final Path folder;

    StepLogFiles(Path folder) {
        this.folder = folder;
    }

    /** Adds a line to the controller's log, which says what the emulator did for the step. */
    void controller(Instant at, String line) throws IOException {
        PrivateFiles.write(folder.resolve("controller"), at + " " + line + "\n", StandardOpenOption.APPEND);
    }

    /**
     * A step, in the controller's log. Of what it was given only the name of a known program: the rest may be
     * confidential.
     */
    static String describe(StepLaunch launch) {
        String program = !ClusterPaths.isCommandRunner(launch.jar())
                ? "a jar"
                : launch.args().stream()
                        .findFirst()
                        .map(ClusterPaths::program)
                        .filter(NAMED_PROGRAMS::contains)
                        .orElse("a program");
        return program + ", " + launch.args().size() + " arguments, on " + launch.releaseLabel() + ".";
    }

    Path stderr() {
        return folder.resolve("stderr");
    }

    /**
     * The log that explains a failure: stdout if only it has Python's traceback, because Spark prints the errors of a
     * Python program there, or if stderr is empty and stdout is not; else stderr.
     */
    Path failureLog() {
        Path stdout = folder.resolve("stdout");
        boolean isPython = hasTraceback(stdout) && !hasTraceback(stderr());
        return isPython || (excerpt(stderr()).isEmpty() && !excerpt(stdout).isEmpty()) ? stdout : stderr();
    }

    /** The part of {@link #failureLog} that explains the failure. */
    String failureExcerpt() {
        return excerpt(failureLog());
    }

    private static boolean hasTraceback(Path file) {
        return tail(file).stream().anyMatch(line -> line.startsWith(FailureExcerpt.TRACEBACK));
    }

    private static String excerpt(Path file) {
        return FailureExcerpt.of(tail(file));
    }

    private static List<String> tail(Path file) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.seek(from);
            in.readFully(bytes);
            List<String> lines = List.of(LINE_END.split(new String(bytes, StandardCharsets.UTF_8)));
            return lines.subList(from > 0 && lines.size() > 1 ? 1 : 0, lines.size());
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Writes gzipped copies to {@code <log location>/<cluster>/<part>/}. */
    void publish(Account account, @Nullable String logUri, String clusterId, String part) throws IOException {
        if (logUri == null || logUri.isBlank()) {
            return;
        }
        String base = logUri.endsWith("/") ? logUri : logUri + "/";
        Path target = account.path(base + clusterId + "/" + part);
        PrivateFiles.createFolders(target);
        for (String name : List.of("controller", "stdout", "stderr")) {
            Path source = folder.resolve(name);
            if (Files.exists(source)) {
                Path temporary = target.resolve("." + name + ".gz.tmp");
                Files.deleteIfExists(temporary);
                try (InputStream in = Files.newInputStream(source);
                        OutputStream out = new GZIPOutputStream(PrivateFiles.write(temporary))) {
                    in.transferTo(out);
                }
                Files.move(temporary, target.resolve(name + ".gz"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
