package dev.emrys.journal;

import java.util.function.Consumer;

/**
 * Control requests to the drivers of runs. A request of a kind that only a newer version knows is kept: it is reported
 * as a warning, once for each call of {@link #receive}, never handed out, acknowledged or dropped. Thread-safe.
 */
public interface ControlInbox {
    /**
     * Sends a request to the run's driver. It is durable when this returns, and waits while the run has no driver.
     *
     * @param by who sends it, for people
     */
    void send(String run, ControlRequest.Kind kind, String by);

    /**
     * Gives every open request of a run to {@code receiver}, in the order of sending, first those that are already
     * there; each at least once, until it is acknowledged. A receiver that throws gets the request again later. A run
     * has one receiver: a new one replaces the one before.
     *
     * @return ends the receiving when closed; without effect when another receiver has replaced this one
     */
    Subscription receive(String run, Consumer<ControlRequest> receiver);

    /** Says that the request has become an event and need not be handed out again. Does not block. */
    void acknowledge(ControlRequest request);

    /** Removes every open request of a run: they were meant for what the run did before it ended. */
    void drop(String run);

    /** Closed to end a {@link #receive}. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
