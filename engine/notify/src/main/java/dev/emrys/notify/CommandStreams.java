package dev.emrys.notify;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Writes the input of a process and reads its errors, each on a thread of its own: a process may read its input late or
 * never, and a child that it leaves behind may keep the other end of its errors open.
 */
final class CommandStreams {
    private static final int ERRORS_LIMIT = 500;

    /** How long the errors of a process that has ended may take to arrive. */
    private static final int READ_SECONDS = 1;

    private final CompletableFuture<Void> read = new CompletableFuture<>();
    private final StringBuilder errors = new StringBuilder();

    static CommandStreams of(Process process, byte[] input) {
        CommandStreams streams = new CommandStreams();
        start("emrys-notify-stdin", () -> write(process.getOutputStream(), input));
        start("emrys-notify-stderr", () -> streams.read(process.getErrorStream()));
        return streams;
    }

    private static void start(String name, Runnable action) {
        Thread thread = new Thread(action, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void write(OutputStream stdin, byte[] input) {
        try (stdin) {
            stdin.write(input);
        } catch (IOException e) {
            // A command need not read its input.
        }
    }

    private void read(InputStream stderr) {
        char[] buffer = new char[ERRORS_LIMIT];
        try (Reader text = new InputStreamReader(stderr, StandardCharsets.UTF_8)) {
            for (int count = text.read(buffer); count >= 0; count = text.read(buffer)) {
                append(new String(buffer, 0, count));
            }
        } catch (IOException e) {
            // The process has ended.
        }
        read.complete(null);
    }

    private synchronized void append(String text) {
        errors.append(text);
        errors.delete(0, Math.max(0, errors.length() - ERRORS_LIMIT));
    }

    /** The last {@link #ERRORS_LIMIT} characters. */
    String endOfErrors() {
        var unused =
                read.completeOnTimeout(null, READ_SECONDS, TimeUnit.SECONDS).join();
        synchronized (this) {
            return errors.toString();
        }
    }
}
