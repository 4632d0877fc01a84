package dev.emrys.local;

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

/** The logs of one step: as files while it runs, and gzipped at the cluster's log location when it is over, as EMR leaves them. */
final class StepLogs {
    private static final int TAIL_BYTES = 32_768;
    private static final int TAIL_LINES = 12;
    private static final Pattern CHATTER = Pattern.compile("\\d\\d/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d (INFO|DEBUG) ");

    private final Path folder;

    StepLogs(Path folder) {
        this.folder = folder;
    }

    /** A line of the controller's log: what the emulator did for the step. */
    void controller(Instant at, String line) throws IOException {
        Files.writeString(
                folder.resolve("controller"),
                at + " " + line + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    Path stderr() {
        return folder.resolve("stderr");
    }

    /** The log that says why: stderr, or stdout when there is nothing in it. */
    Path speaking() {
        Path stdout = folder.resolve("stdout");
        return tail(stderr()).isBlank() && !tail(stdout).isBlank() ? stdout : stderr();
    }

    /** The last lines of that log. */
    String lastWords() {
        return tail(speaking());
    }

    /** Without what Spark and Hadoop say of their leaving: the cause stands before it. */
    private static String tail(Path file) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.seek(from);
            in.readFully(bytes);
            List<String> lines =
                    new String(bytes, StandardCharsets.UTF_8).lines().toList();
            List<String> whole = lines.subList(from > 0 && lines.size() > 1 ? 1 : 0, lines.size());
            List<String> telling = whole.stream()
                    .filter(line -> !CHATTER.matcher(line).lookingAt())
                    .toList();
            List<String> shown = telling.stream().allMatch(String::isBlank) ? whole : telling;
            return String.join("\n", shown.subList(Math.max(0, shown.size() - TAIL_LINES), shown.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /** Leaves gzipped copies at {@code <log location>/<cluster>/steps/<step>/}. */
    void publish(Account account, @Nullable String logUri, String clusterId, String stepId) throws IOException {
        if (logUri == null || logUri.isBlank()) {
            return;
        }
        String base = logUri.endsWith("/") ? logUri : logUri + "/";
        Path target = account.path(base + clusterId + "/steps/" + stepId);
        Files.createDirectories(target);
        for (String name : List.of("controller", "stdout", "stderr")) {
            Path source = folder.resolve(name);
            if (Files.exists(source)) {
                Path temporary = target.resolve("." + name + ".gz.tmp");
                try (InputStream in = Files.newInputStream(source);
                        OutputStream out = new GZIPOutputStream(Files.newOutputStream(temporary))) {
                    in.transferTo(out);
                }
                Files.move(temporary, target.resolve(name + ".gz"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
