package dev.emrys.emr;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Counts the calls in flight, begins none after the close, and tells when the last one has ended. Thread-safe. */
final class CallsInFlight {
    private final CompletableFuture<@Nullable Void> whenIdle = new CompletableFuture<>();
    private volatile boolean closed;
    private int count;

    /** Begins a call, unless this is closed; {@link #leave} ends it. */
    synchronized boolean enter() {
        if (closed) {
            return false;
        }
        count++;
        return true;
    }

    void leave() {
        boolean last;
        synchronized (this) {
            count--;
            last = closed && count == 0;
        }
        if (last) {
            whenIdle.complete(null);
        }
    }

    /** Completes when this is closed and no call is in flight. */
    CompletableFuture<@Nullable Void> whenIdle() {
        return whenIdle.copy();
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        boolean none;
        synchronized (this) {
            closed = true;
            none = count == 0;
        }
        if (none) {
            whenIdle.complete(null);
        }
    }
}
