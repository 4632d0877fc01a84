package dev.emrys.schedule;

import java.util.Collections;
import java.util.Iterator;

/** The fires of a trigger, none of which is known before. */
final class NoTimes implements FireTimes {
    @Override
    public long next(long at) {
        return NONE_AFTER;
    }

    @Override
    public long previous(long at) {
        return NONE_BEFORE;
    }

    @Override
    public long count(long from, long to) {
        return 0;
    }

    @Override
    public Fire fire(long at) {
        throw new IllegalArgumentException("A trigger has no fire at " + at + ".");
    }

    @Override
    public Iterator<Occurrence> occurrences(long from, long to) {
        return Collections.emptyIterator();
    }
}
