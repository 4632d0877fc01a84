package dev.emrys.journal;

/** Several runs match. The journal is intact: a longer prefix is needed. */
public final class AmbiguousRunException extends JournalException {
    AmbiguousRunException(String asked, RunRecord one, RunRecord other) {
        super(
                "\"" + asked + "\" matches both " + one.name() + " and " + other.name()
                        + ".\n    Write more of the name or the id.",
                null);
    }
}
