package dev.emrys.spec;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An error or a warning for the author of a script or for the user of a command. Made from the catalogue: {@link
 * DiagnosticCode#at}. Immutable.
 *
 * @param code which rule it is about
 * @param severity by default the code's
 * @param range which part of the script or of another file; at {@link SourceLocation#UNKNOWN} when it is about no file
 * @param what one sentence that names the element and says what is wrong with it
 * @param why the rule or the consequence; empty when {@code what} or {@code fix} already says it
 * @param fix what to write instead; empty when that cannot be said
 */
public record Diagnostic(
        DiagnosticCode code, Severity severity, SourceRange range, String what, String why, String fix) {

    /** Where the range begins. */
    public SourceLocation location() {
        return range.start();
    }

    /** False for one that is about no file, such as one about a command line. */
    public boolean hasLocation() {
        return !location().file().equals(SourceLocation.UNKNOWN.file());
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    public Diagnostic withSeverity(Severity other) {
        return new Diagnostic(code, other, range, what, why, fix);
    }

    /**
     * Where, how severe, which code, and what: {@code daily.emr.kts:3: error E112: …}. Without a location {@code error
     * E502: …}.
     */
    public String headline() {
        String where = hasLocation() ? location() + ": " : "";
        return where + severity + " " + code.id() + ": " + what;
    }

    /** Why and fix, and the calls that led to a location inside a function; empty when there is none of these. */
    public String advice() {
        Stream<String> calls = Stream.iterate(
                        location().calledFrom(), caller -> caller != null, SourceLocation::calledFrom)
                .map(caller -> "Called from " + caller + ".");
        return Stream.concat(Stream.of(why, fix), calls)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        String advice = advice();
        return headline() + (advice.isEmpty() ? "" : "\n    " + advice);
    }
}
