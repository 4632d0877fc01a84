package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.Endpoint.ChangeListener;
import dev.emrys.emr.Endpoint.Subscription;
import dev.emrys.emr.Endpoint.UnavailableException;
import dev.emrys.local.OwnerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Waits on a thread of its own for the changes that an owner process tells: each request is answered when there are
 * changes after the last answer, so that none is lost between two requests. After a failure everything may have
 * changed.
 */
final class OwnerChanges implements Subscription {
    /** A request that is not answered for so long is sent again, as the connection may be dead. */
    private static final int READ_MILLIS = 60_000;

    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LAST_PAUSE_MILLIS = 2_000;

    private final Supplier<OwnerAddress> address;
    private final Runnable unreachable;
    private final ChangeListener listener;
    private final Thread thread = new Thread(this::run, "emrys-changes");
    private volatile boolean closed;
    private volatile @Nullable HttpURLConnection connection;

    /**
     * Starts to wait.
     *
     * @param address of the owner process; may start it, and throws an {@link UnavailableException} if that fails
     * @param unreachable is called after a failure, so that the address is looked up again
     */
    OwnerChanges(Supplier<OwnerAddress> address, Runnable unreachable, ChangeListener listener) {
        this.address = address;
        this.unreachable = unreachable;
        this.listener = listener;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        String position = "";
        long pause = FIRST_PAUSE_MILLIS;
        while (!closed) {
            try {
                position = next(position);
                pause = FIRST_PAUSE_MILLIS;
            } catch (SocketTimeoutException e) {
                // Nothing has changed for long. The next request asks from the same position.
                pause = FIRST_PAUSE_MILLIS;
            } catch (IOException | UncheckedIOException | UnavailableException e) {
                if (closed) {
                    return;
                }
                unreachable.run();
                listener.mayHaveMissed();
                if (!sleep(pause)) {
                    return;
                }
                pause = Math.min(pause * 2, LAST_PAUSE_MILLIS);
            } catch (RuntimeException e) {
                // The JDK's connection throws a NullPointerException when it is closed while it is being used.
                if (!closed) {
                    throw e;
                }
            }
        }
    }

    private static boolean sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Waits for changes after the position, notifies of them, and returns the position after them. */
    private String next(String position) throws IOException {
        OwnerAddress owner = address.get();
        URI uri = owner.uri().resolve("/changes" + (position.isEmpty() ? "" : "?after=" + position));
        HttpURLConnection opened = LoopbackConnection.open(uri);
        opened.setReadTimeout(READ_MILLIS);
        opened.setRequestProperty("X-Emrys-Token", owner.token());
        connection = opened;
        if (closed) {
            return position;
        }
        int status = opened.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) {
            opened.disconnect();
            throw new IOException("The owner process answered with the status " + status);
        }
        try (InputStream in = opened.getInputStream()) {
            return notifyOf(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException("The owner process gave an answer that cannot be read.", e);
        }
    }

    private String notifyOf(String answer) throws IOException {
        String next = null;
        ImmutableList<String> lines = answer.lines().collect(ImmutableList.toImmutableList());
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "complete" -> next = words[1];
                case "incomplete" -> {
                    next = words[1];
                    listener.mayHaveMissed();
                }
                case "cluster" -> listener.clusterChanged(words[1], ClusterState.fromValue(words[2]));
                case "step" -> listener.stepChanged(words[1], step(words));
                default -> throw new IOException("The owner process answered: " + line);
            }
        }
        if (next == null) {
            throw new IOException("The owner process gave no position.");
        }
        if (lines.size() == 1 && lines.get(0).startsWith("complete") && !sleep(LAST_PAUSE_MILLIS)) {
            // More requests wait there than may: this one must not displace the others all the time.
            throw new IOException("Interrupted.");
        }
        return next;
    }

    private static StepSummary step(String[] words) {
        return StepSummary.builder()
                .id(words[2])
                .status(status -> status.state(words[3])
                        .timeline(timeline ->
                                timeline.startDateTime(instant(words[4])).endDateTime(instant(words[5]))))
                .build();
    }

    private static @Nullable Instant instant(String millis) {
        return millis.equals("-") ? null : Instant.ofEpochMilli(Long.parseLong(millis));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        HttpURLConnection open = connection;
        if (open != null) {
            open.disconnect();
        }
    }
}
