package dev.emrys.emulator;

import java.util.random.RandomGenerator;

/** Creates ids. Must be thread-safe. */
@FunctionalInterface
public interface IdSource {

    /**
     * A new id: {@code prefix} ({@code j-}, {@code s-}, {@code ig-}, {@code if-}, or empty for a part of an id) and 13
     * characters of {@code 0-9A-Z}, as EMR's are. The emulator asks again if the id is in use.
     */
    String next(String prefix);

    /** Ids from a source of random numbers; the same numbers give the same ids. */
    static IdSource of(RandomGenerator random) {
        return prefix -> {
            StringBuilder id = new StringBuilder(prefix);
            synchronized (random) {
                for (int i = 0; i < 13; i++) {
                    id.append("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt(random.nextInt(36)));
                }
            }
            return id.toString();
        };
    }
}
