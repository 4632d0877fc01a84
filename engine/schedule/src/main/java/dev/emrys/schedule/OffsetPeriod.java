package dev.emrys.schedule;

/**
 * The time between two neighbouring clock changes, in which the offset is constant. All numbers are seconds.
 *
 * @param start the clock change that begins it, inclusive; {@link Long#MIN_VALUE} for none
 * @param end the clock change that ends it, exclusive; {@link Long#MAX_VALUE} for none
 * @param offset the offset within it
 * @param offsetBefore the offset before its start
 * @param offsetAfter the offset from its end on
 */
record OffsetPeriod(long start, long end, int offset, int offsetBefore, int offsetAfter) {

    /** The length of the gap that its start makes, or 0. */
    int gap() {
        return Math.max(0, offset - offsetBefore);
    }

    /** How long its first local times repeat those before its start, or 0. */
    int repeatedAtStart() {
        return Math.max(0, offsetBefore - offset);
    }

    /** How long its last local times come again after its end, or 0. */
    int repeatedAtEnd() {
        return Math.max(0, offset - offsetAfter);
    }

    /** The end of the repeated time at its start. */
    long firstUnrepeated() {
        return start == Long.MIN_VALUE ? start : start + repeatedAtStart();
    }

    /** The start of the time that its end repeats. */
    long lastUnrepeated() {
        return end == Long.MAX_VALUE ? end : end - repeatedAtEnd();
    }
}
