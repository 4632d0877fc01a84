package dev.emrys.journal;

/** A run with this id or this name is in the journal already: another name will do. */
public final class TakenException extends JournalException {
    TakenException(String id, String name, Throwable cause) {
        super(
                "A run with the id " + id + " or the name " + name + " is in the journal already."
                        + "\n    Start the run again: it gets a new id and a new name.",
                cause);
    }
}
