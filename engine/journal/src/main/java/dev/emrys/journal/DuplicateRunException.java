package dev.emrys.journal;

/** The journal already has a run with this id or this name. */
public final class DuplicateRunException extends JournalException {
    DuplicateRunException(String id, String name) {
        super(
                "A run with the id " + id + " or the name " + name + " is already in the journal."
                        + "\n    Start the run again: it gets a new id and a new name.",
                null);
    }
}
