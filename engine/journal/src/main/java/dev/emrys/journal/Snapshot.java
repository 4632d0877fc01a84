package dev.emrys.journal;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The state of a run after its event {@link #seq}, in a form of {@code RunSnapshot}. Immutable: the bytes must not be
 * changed.
 */
public final class Snapshot {
    private final long seq;
    private final int version;
    private final byte[] form;

    /**
     * @param seq the number of the newest event that the state includes, from 1
     * @param version of the form
     */
    public Snapshot(long seq, int version, byte[] form) {
        checkArgument(seq >= 1, "Events are numbered from 1, not from %s", seq);
        this.seq = seq;
        this.version = version;
        this.form = form;
    }

    public long seq() {
        return seq;
    }

    public int version() {
        return version;
    }

    public byte[] form() {
        return form;
    }
}
