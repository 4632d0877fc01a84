package dev.emrys.notify;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers the newest notices until the process ends. Thread-safe. */
public final class SentNoticesInMemory implements SentNotices {
    /** How many are remembered by default. */
    public static final int DEFAULT_LIMIT = 10_000;

    private record Key(String noticeId, String channel) {}

    private final Map<Key, Instant> newest;

    /** Remembers {@link #DEFAULT_LIMIT}. */
    public SentNoticesInMemory() {
        this(DEFAULT_LIMIT);
    }

    /** @param limit how many are remembered, counted per channel that sent them */
    public SentNoticesInMemory(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("The limit " + limit + " is not positive.");
        }
        newest = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Instant> oldest) {
                return size() > limit;
            }
        };
    }

    @Override
    public synchronized boolean isSent(String noticeId, String channel) {
        return newest.containsKey(new Key(noticeId, channel));
    }

    @Override
    public synchronized void sent(String noticeId, String channel, Instant at) {
        newest.put(new Key(noticeId, channel), at);
    }
}
