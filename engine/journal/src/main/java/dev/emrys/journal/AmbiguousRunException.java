package dev.emrys.journal;

/** Several runs begin with what was asked for. Nothing is wrong with the journal: whoever asked has to write more. */
public final class AmbiguousRunException extends JournalException {
    AmbiguousRunException(String asked, Journal.RunRecord one, Journal.RunRecord other) {
        super(
                "\"" + asked + "\" may be " + one.name() + " or " + other.name()
                        + ".\n    Write more of the name or the id.",
                null);
    }
}
