package dev.emrys.notify;

import java.time.Instant;

/**
 * The port to the memory of what was sent, by which a notice is sent once also after a restart. It is called on the
 * threads of a notifier's executor and may block. Thread-safe.
 */
public interface SentNotices {
    boolean isSent(String noticeId, String channel);

    /**
     * Remembers that a channel has sent a notice.
     *
     * @param at when
     */
    void sent(String noticeId, String channel, Instant at);
}
