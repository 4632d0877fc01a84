package dev.emrys.emulator.wire;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.StateChanges;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code GET /changes?after=POSITION} when a state has changed after the position: a long poll. The answer is
 * text: the line {@code complete POSITION} or {@code incomplete POSITION}, and then {@code cluster ID STATE} or {@code
 * step CLUSTER ID STATE START END} for each change. START and END are milliseconds since the epoch, or - without one.
 * It is incomplete, and given at once, if changes may be missing: the request has no position, or one that another
 * process gave, or one too far back. A request that waits holds a connection and no thread. When nothing has changed
 * for the idle time of the connection, it is answered without a change. Thread-safe.
 */
final class ChangeFeed implements AutoCloseable {
    /** How many requests wait at once; one more makes the oldest be answered without a change. */
    static final int MAX_WAITING = 64;

    private static final String PARAMETER = "after=";

    private final StateChanges changes;
    private final Executor executor;

    /** Makes positions of different processes differ. */
    private final String process = UUID.randomUUID().toString();

    private final Runnable listener = this::changed;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean answering;

    private record Waiting(Response response, Callback callback, long position) {}

    /** @param executor sends the answers */
    ChangeFeed(StateChanges changes, Executor executor) {
        this.changes = changes;
        this.executor = executor;
        changes.addListener(listener);
    }

    /** Answers the request, now or later. The caller has checked its token. */
    void handle(Request request, Response response, Callback callback) {
        Long position = position(request.getHttpURI().getQuery());
        if (position == null) {
            send(response, callback, new StateChanges.Page(changes.next(), false, ImmutableList.of()));
            return;
        }
        Waiting added = new Waiting(response, callback, position);
        // Also when the client is gone, which is seen only when an answer is sent.
        request.addIdleTimeoutListener(idle -> {
            answerNow(added);
            return false;
        });
        Waiting oldest = null;
        synchronized (this) {
            waiting.add(added);
            if (waiting.size() > MAX_WAITING) {
                oldest = waiting.remove();
            }
        }
        if (oldest != null) {
            send(oldest);
        }
        // A change after the request was read, and before it waited, is found here.
        answer();
    }

    /** Null if there is none, or it is not of this process. */
    private @Nullable Long position(@Nullable String query) {
        String prefix = PARAMETER + process + ".";
        if (query == null || !query.startsWith(prefix)) {
            return null;
        }
        try {
            return Long.parseLong(query.substring(prefix.length()));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private void changed() {
        synchronized (this) {
            if (answering || waiting.isEmpty()) {
                return;
            }
            answering = true;
        }
        try {
            executor.execute(() -> {
                synchronized (this) {
                    answering = false;
                }
                answer();
            });
        } catch (RejectedExecutionException e) {
            // The server is closed.
            return;
        }
    }

    /** Answers those for whom there are changes. */
    private void answer() {
        List<Waiting> due = new ArrayList<>();
        long next = changes.next();
        synchronized (this) {
            waiting.removeIf(one -> one.position() != next && due.add(one));
        }
        due.forEach(this::send);
    }

    private void answerNow(Waiting one) {
        boolean found;
        synchronized (this) {
            found = waiting.remove(one);
        }
        if (found) {
            send(one);
        }
    }

    private void send(Waiting one) {
        send(one.response(), one.callback(), changes.from(one.position()));
    }

    private void send(Response response, Callback callback, StateChanges.Page page) {
        List<String> lines = new ArrayList<>();
        lines.add((page.complete() ? "complete " : "incomplete ") + process + "." + page.next());
        for (StateChanges.Change change : page.changes()) {
            lines.add(
                    change.stepId() == null
                            ? Joiner.on(' ').join("cluster", change.clusterId(), change.state())
                            : Joiner.on(' ')
                                    .join(
                                            "step",
                                            change.clusterId(),
                                            change.stepId(),
                                            change.state(),
                                            millis(change.started()),
                                            millis(change.ended())));
        }
        byte[] bytes = (Joiner.on('\n').join(lines) + "\n").getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }

    private static String millis(@Nullable Instant instant) {
        return instant == null ? "-" : Long.toString(instant.toEpochMilli());
    }

    @Override
    public void close() {
        changes.removeListener(listener);
    }
}
