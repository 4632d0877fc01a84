package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.schedule.Arrival;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Looks for files and objects. Thread-safe; every method blocks. */
public interface ArrivalSource {
    /** How many files or objects one schedule may have to remember. */
    int MOST = 100_000;

    /**
     * Everything that matches now.
     *
     * @throws UnreadableException when it cannot be looked at, or more than {@link #MOST} match
     */
    Listing list(Arrival arrival) throws UnreadableException;

    /** A folder cannot be looked at. */
    final class UnreadableException extends Exception {
        /** @param message why, for people */
        public UnreadableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** When an item was put where it is: when it was modified, or moved there. */
    Instant arrivedAt(Item item);

    /**
     * What matches.
     *
     * @param folder where it was looked for, for people
     * @param exists whether that exists
     */
    record Listing(String folder, boolean exists, ImmutableList<Item> items) {}

    /**
     * A file or an object.
     *
     * @param name its absolute path or its location
     * @param size in bytes
     */
    record Item(String name, long size, Instant modifiedAt) {
        /** Another one when the content may be another one. */
        String version() {
            return size + " " + modifiedAt;
        }
    }
}
