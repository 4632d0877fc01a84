package dev.emrys.emr;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * Makes blocking calls on the bounded pool, and again after a pause for as long as the trouble is outside: waiting is never
 * failure. Thread-safe.
 */
final class Calls {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int QUIET_TRIES = 3;

    private final Endpoint endpoint;
    private final World world;
    private volatile boolean closed;
    private int underWay;
    private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();

    Calls(Endpoint endpoint, World world) {
        this.endpoint = endpoint;
        this.world = world;
    }

    /** A piece of work that may make several calls. */
    interface Work {
        /** @param tries how often it was begun before */
        void run(EmrClient client, int tries);
    }

    /** What to do when the service said no for good. */
    interface OnRefusal {
        void refused(Answer.Refused answer);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    World world() {
        return world;
    }

    Instant now() {
        return world.clock().instant();
    }

    /** Begins the work, and begins it anew after every answer that is not a refusal. */
    void begin(String what, Work work, OnRefusal onRefusal) {
        begin(what, work, onRefusal, 0);
    }

    /** Begins the work, and begins it anew after every answer, a refusal too: whoever may set that right is told. */
    void insist(String what, Work work) {
        begin(what, work, null, 0);
    }

    /** As {@link #begin(String, Work, OnRefusal)}, for work that had to wait in between: its tries go on being counted. */
    void begin(String what, Work work, @Nullable OnRefusal onRefusal, int tries) {
        world.calls().execute(() -> {
            if (enter()) {
                try {
                    attempt(what, work, onRefusal, tries);
                } finally {
                    leave();
                }
            }
        });
    }

    // An error too is trouble that is told, and no reason to stop watching: a class that cannot be loaded say.
    @SuppressWarnings("CatchingUnchecked")
    private void attempt(String what, Work work, @Nullable OnRefusal onRefusal, int tries) {
        try {
            work.run(endpoint.client(), tries);
        } catch (Throwable e) {
            Answer answer = Answer.of(e);
            if (answer instanceof Answer.Refused refused && onRefusal != null) {
                onRefusal.refused(refused);
                return;
            }
            tell(what, answer, tries);
            if (answer instanceof Answer.Ambiguous ambiguous && ambiguous.unreachable()) {
                endpoint.unreachable();
            }
            later(pause(tries), () -> begin(what, work, onRefusal, tries + 1));
        }
    }

    private synchronized boolean enter() {
        if (closed) {
            return false;
        }
        underWay++;
        return true;
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            underWay--;
            last = closed && underWay == 0;
        }
        if (last) {
            quiet.complete(null);
        }
    }

    /** Completes when this is closed and no call is under way. */
    CompletableFuture<@Nullable Void> quiet() {
        return quiet.copy();
    }

    /** Asks for what may be refused without harm: then people hear of it. Any other failure is thrown. */
    void orTell(String otherwise, Runnable request) {
        try {
            request.run();
        } catch (AwsServiceException e) {
            if (!(Answer.of(e) instanceof Answer.Refused refused)) {
                throw e;
            }
            world.trouble().accept(otherwise + ": " + refused.text());
        }
    }

    /** People hear of trouble that lasts, not of every hiccup. */
    void tell(String what, Answer answer, int tries) {
        if (tries >= QUIET_TRIES && Integer.bitCount(tries + 1) == 1) {
            world.trouble().accept(what + ": " + answer.text() + " Tried " + (tries + 1) + " times, trying on.");
        }
    }

    private Duration pause(int tries) {
        Duration pause = endpoint.pace().multipliedBy(1L << Math.min(tries, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    void later(Duration pause, Runnable action) {
        world.timers().at(now().plus(pause), () -> {
            if (!closed) {
                world.calls().execute(() -> {
                    if (!closed) {
                        action.run();
                    }
                });
            }
        });
    }

    /** Then nothing may be sent or reported any more. */
    boolean closed() {
        return closed;
    }

    void close() {
        boolean none;
        synchronized (this) {
            closed = true;
            none = underWay == 0;
        }
        if (none) {
            quiet.complete(null);
        }
    }
}
