package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;

/** E6xx: what prevents a command although its script and its command line are correct. */
public enum RuntimeCode implements DiagnosticCode {
    JOURNAL_UNUSABLE("E601", ERROR, "Journal that cannot be used", "{0}", "", "{1}"),
    STATE_UNTRUSTED(
            "E602",
            ERROR,
            "State that another user controls",
            "{0}",
            "A user who may write there could read the secrets of a run and decide its outcome.",
            "{1}"),
    TARGET_UNUSABLE("E611", ERROR, "Target that cannot be used", "{0}", "", "{1}"),
    ACCOUNT_UNUSABLE(
            "E612",
            ERROR,
            "Local account that cannot be used",
            "The local account cannot be used: {0}.",
            "",
            "Free space on the disk, give this user the right to write there, or name another state folder with --state."),
    EMULATOR_IN_USE(
            "E613",
            ERROR,
            "Emulator that runs already",
            "{0}.",
            "One process at a time serves an emulated account.",
            "End that process, or name another folder with --state."),
    OUTPUT_UNWRITTEN(
            "E621",
            ERROR,
            "Output that cannot be written",
            "The output could not be written: {0}.",
            "",
            "Free space on the disk, or write the output to another place."),
    RUN_DRIVEN(
            "E631",
            ERROR,
            "Run that another process drives",
            "{0}",
            "",
            "Wait for its end, or cancel it: emrys cancel {1}."),
    HTTP_UNAVAILABLE(
            "E641",
            ERROR,
            "Address that cannot be listened on",
            "{0}",
            "",
            "Name another port with {1}, or end the process that uses it."),
    EMULATOR_UNREACHABLE(
            "E642",
            ERROR,
            "Emulator that does not answer",
            "No emulator answers at {0}: {1}.",
            "",
            "Start one with emrys emulator, and use what it prints."),
    BUG("E691", ERROR, "Bug in Emrys", "This is a bug in Emrys: {0}", "", "{1}");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    RuntimeCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
