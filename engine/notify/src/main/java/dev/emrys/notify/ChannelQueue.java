package dev.emrys.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The notices of one channel, sent in the order in which they came: the one that is being retried holds the others up,
 * so that a recovery is not reported before its failure. Thread-safe: its monitor guards what changes, and is never
 * held during an attempt.
 */
final class ChannelQueue {

    /** One notice and how often it was tried. Only the thread of the current attempt changes it. */
    private static final class Delivery {
        final Notice notice;
        final Instant queued;
        int attempts;

        Delivery(Notice notice, Instant queued) {
            this.notice = notice;
            this.queued = queued;
        }
    }

    private final Channel channel;
    private final NotifierSettings settings;
    private final NotifierPorts ports;

    /** Completed, after {@link #drain}, when no attempt is under way and none is due. */
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    private final Deque<Delivery> waiting = new ArrayDeque<>();

    /** The ids of the current notice and of those that wait. */
    private final Set<String> ids = new LinkedHashSet<>();

    /** What is being tried, or waits for its next attempt. */
    private @Nullable Delivery current;

    /** Whether the current notice waits for its next attempt. */
    private boolean retrying;

    private Runnable dropTimer = () -> {};
    private boolean draining;
    private boolean stopped;

    ChannelQueue(Channel channel, NotifierSettings settings, NotifierPorts ports) {
        this.channel = channel;
        this.settings = settings;
        this.ports = ports;
    }

    String name() {
        return channel.name();
    }

    /**
     * Queues a notice, unless one of its id is here.
     *
     * @return whether notices are still taken
     */
    boolean add(Notice notice) {
        Delivery dropped;
        synchronized (this) {
            if (draining) {
                return false;
            }
            if (!ids.add(notice.id())) {
                return true;
            }
            waiting.add(new Delivery(notice, ports.clock().instant()));
            dropped = dropOldest();
            if (current == null) {
                startNext();
            }
        }
        if (dropped != null) {
            warn("More than " + settings.queueLimit() + " notices wait for " + name() + ". The oldest, "
                    + quoted(dropped) + ", is not sent.");
        }
        return true;
    }

    private @Nullable Delivery dropOldest() {
        if (waiting.size() <= settings.queueLimit()) {
            return null;
        }
        Delivery oldest = waiting.remove();
        ids.remove(oldest.notice.id());
        return oldest;
    }

    private void startNext() {
        current = waiting.poll();
        if (current != null) {
            start(current);
        } else if (draining) {
            drained.complete(null);
        }
    }

    private void start(Delivery delivery) {
        ports.executor().execute(() -> attempt(delivery));
    }

    private void attempt(Delivery delivery) {
        ChannelException failure = send(delivery);
        if (failure == null) {
            finish(delivery);
            return;
        }
        delivery.attempts++;
        Duration wait = settings.retryWait(delivery.attempts, ports.random().getAsDouble());
        if (wait.compareTo(failure.retryAfter()) < 0) {
            wait = failure.retryAfter();
        }
        Instant next = ports.clock().instant().plus(wait);
        if (!failure.isRetryable() || next.isAfter(delivery.queued.plus(settings.giveUpAfter()))) {
            warn("The notice " + quoted(delivery) + " is not sent by " + name() + ", after attempt " + delivery.attempts
                    + ": " + failure.getMessage());
            finish(delivery);
        } else if (retry(delivery, next) && delivery.attempts == 1) {
            warn("The notice " + quoted(delivery) + " was not sent by " + name() + ", and is tried again: "
                    + failure.getMessage());
        }
    }

    /** @return why the notice was not sent; null if it was, now or earlier */
    private @Nullable ChannelException send(Delivery delivery) {
        try {
            if (!isSent(delivery)) {
                channel.send(delivery.notice);
                remember(delivery);
            }
            return null;
        } catch (ChannelException e) {
            return e;
        } catch (RuntimeException | LinkageError e) {
            // Its message may have a secret.
            return ChannelException.permanent(
                    "The channel failed with a " + e.getClass().getName() + ".");
        }
    }

    /** A second message is better than none. */
    private boolean isSent(Delivery delivery) {
        try {
            return ports.sent().isSent(delivery.notice.id(), name());
        } catch (RuntimeException e) {
            warn("Whether the notice " + quoted(delivery) + " was sent by " + name() + " is not known, so it is sent: "
                    + e.getMessage());
            return false;
        }
    }

    private void remember(Delivery delivery) {
        try {
            ports.sent().sent(delivery.notice.id(), name(), ports.clock().instant());
        } catch (RuntimeException e) {
            warn("The notice " + quoted(delivery) + " was sent by " + name()
                    + ", which was not stored, so it may be sent again: " + e.getMessage());
        }
    }

    private synchronized void finish(Delivery delivery) {
        if (!stopped) {
            ids.remove(delivery.notice.id());
            startNext();
        }
    }

    /** @return whether there will be another attempt */
    private synchronized boolean retry(Delivery delivery, Instant at) {
        if (draining) {
            drained.complete(null);
            return false;
        }
        retrying = true;
        dropTimer = ports.timer().at(at, () -> wake(delivery));
        return true;
    }

    private synchronized void wake(Delivery delivery) {
        if (!draining) {
            retrying = false;
            start(delivery);
        }
    }

    /**
     * Takes no more notices, and sends those that need not wait.
     *
     * @return completed when that is done
     */
    synchronized CompletableFuture<Void> drain() {
        draining = true;
        if (current == null || retrying) {
            dropTimer.run();
            drained.complete(null);
        }
        return drained;
    }

    /**
     * Drops what was not sent, after {@link #drain}. An attempt that is under way is not ended.
     *
     * @return how many
     */
    synchronized int stop() {
        int dropped = waiting.size() + (current == null ? 0 : 1);
        stopped = true;
        waiting.clear();
        return dropped;
    }

    private static String quoted(Delivery delivery) {
        return "\"" + delivery.notice.id() + "\"";
    }

    private void warn(String warning) {
        ports.warnings().accept(warning);
    }
}
