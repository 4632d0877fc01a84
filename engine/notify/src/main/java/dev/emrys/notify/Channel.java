package dev.emrys.notify;

/**
 * The port to a way of sending notices. A {@link Notifier} calls it from one thread at a time and retries: an
 * implementation sends once and has time limits of its own.
 */
public interface Channel extends AutoCloseable {
    /**
     * Names the channel in warnings and, with a notice's id, in {@link SentNotices}. It contains no secret, and each
     * channel of a notifier has its own: 1 to 100 ASCII letters, digits, {@code .}, {@code _} and {@code -}.
     */
    String name();

    /**
     * Sends a notice, and blocks until the receiver has accepted it. After a lost reply it may be sent a second time.
     *
     * @throws ChannelException if it was not sent, or if that is not known. After an interrupt of the thread, which
     *     stays interrupted, it is retryable.
     */
    void send(Notice notice) throws ChannelException;

    @Override
    default void close() {}
}
