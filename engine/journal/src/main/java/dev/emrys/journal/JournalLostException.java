package dev.emrys.journal;

/** What the journal had of its runs is gone, while they were driven: they can neither continue nor be resumed. */
public final class JournalLostException extends JournalException {
    public JournalLostException(String message) {
        super(message, null);
    }

    @Override
    public boolean leavesRunResumable() {
        return false;
    }
}
