package dev.emrys.journal;

/** The run was acquired again after this lease: the lease's holder must stop driving the run. Nothing was written. */
public final class LeaseLostException extends JournalException {
    LeaseLostException(Lease lease, long newest) {
        super(
                "The lease of run " + lease.run() + " is lost: its fencing token " + lease.token()
                        + " is old, the newest is " + newest
                        + ", so another process has acquired the run. Nothing was written."
                        + "\n    See which process drives it: emrys show " + lease.run(),
                null);
    }

    @Override
    public boolean leavesRunResumable() {
        return false;
    }
}
