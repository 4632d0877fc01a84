package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;
import static dev.emrys.spec.Severity.WARNING;

/** E3xx: the script as a file and as a program: reading, compiling and evaluating it. */
public enum HostCode implements DiagnosticCode {
    // The script as a file, and what the compiler says
    SCRIPT_IS_FOLDER(
            "E301",
            ERROR,
            "Folder instead of a script",
            "This is a folder, not a script.",
            "",
            "Name a file in it that ends in {0}."),
    SCRIPT_MISSING("E302", ERROR, "No such script", "There is no such file.", "", "{0}"),
    SCRIPT_NAME(
            "E303",
            ERROR,
            "Script with another extension",
            "This is not the name of a script: it does not end in {0}.",
            "",
            "Rename it to end in {0}."),
    SCRIPT_FORBIDDEN(
            "E304",
            ERROR,
            "Script without read permission",
            "The script cannot be read: permission denied.",
            "",
            "Make it readable, such as with chmod u+r."),
    SCRIPT_UNREADABLE("E305", ERROR, "Script that cannot be read", "The script cannot be read: {0}.", "", ""),
    SCRIPT_ENCODING(
            "E306",
            ERROR,
            "Script that is not UTF-8",
            "The script is not UTF-8 text.",
            "",
            "Save it with the encoding UTF-8."),
    SYNTAX("E311", ERROR, "Syntax error", "{0}", "", "{1}"),
    UNKNOWN_WORD("E312", ERROR, "Unknown word", "'{0}' is unknown.", "", "{1}"),
    MISPLACED_WORD(
            "E313", ERROR, "Word in a wrong block", "'{0}' cannot be used in this block.", "", "It can be used {1}."),
    NO_SUCH_FORM(
            "E314",
            ERROR,
            "Arguments that no form takes",
            "No form of '{0}' takes these arguments.",
            "",
            "Its forms are {1}."),
    TYPE_MISMATCH("E315", ERROR, "Type mismatch", "{0}", "", "{1}"),
    COMPILER("E316", ERROR, "Other compiler error", "{0}", "", "{1}"),
    UNUSED_RESULT("E321", WARNING, "Unused result", "The result of '{0}' is not used.", "", "{1}"),
    BLOCK_NEVER_RUNS(
            "E322",
            ERROR,
            "Block that never runs",
            "This block is never run, so \"{0}\" in it declares nothing.",
            "A block inside another block is only a value.",
            "Remove the inner braces."),
    // Evaluation of the script
    SCRIPT_TIMEOUT(
            "E331",
            ERROR,
            "Evaluation timed out",
            "The script did not end within {0}; it is still running here.",
            "A script only builds a value.",
            "Look for an endless loop or a wait."),
    SCRIPT_THREW(
            "E332",
            ERROR,
            "Exception in the script",
            "The script threw {0}.",
            "A script only builds a value, and must not fail.",
            "Correct the line."),
    SCRIPT_RECURSION(
            "E333",
            ERROR,
            "Endless recursion",
            "The script threw StackOverflowError.",
            "",
            "A function calls itself without end: add a condition that ends the recursion."),
    SCRIPT_EXIT(
            "E334",
            ERROR,
            "Exit of the process",
            "The script calls {0}.",
            "A script only builds a value, and must not end the process.",
            "Remove the call; to report an error, write error(\"…\")."),
    SCRIPT_THREAD(
            "E335",
            ERROR,
            "Thread that is still running",
            "The script started the thread \"{0}\", which is still running at the end of the script.",
            "A script only builds a value, and must leave nothing behind.",
            "Remove the thread, or wait for its end with join()."),
    CACHE_DAMAGED(
            "E341",
            WARNING,
            "Damaged compiled script",
            "The compiled copy {0} was damaged.",
            "The script is compiled again.",
            ""),
    CACHE_READ_ONLY(
            "E342",
            WARNING,
            "Compiled script cannot be kept",
            "The compiled script cannot be kept: {0}.",
            "It is compiled again every time.",
            "Make the cache folder writable."),
    // What has not happened in the evaluation
    BLOCK_NOT_RUN(
            "E343",
            WARNING,
            "Block that has not run",
            "The block with this \"{0}\" has not run, so it declares nothing.",
            "A block in a value runs when it is called, and that of a sequence when its elements are used.",
            "Call it, use a list instead of the sequence, or remove it.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    HostCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
