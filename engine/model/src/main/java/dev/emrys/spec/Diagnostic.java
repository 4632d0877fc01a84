package dev.emrys.spec;

/**
 * One mistake of an author: what is wrong, where it stands, and how to mend it.
 *
 * @param location where in the script
 * @param what one sentence that names the thing and says what is wrong with it
 * @param fix one sentence that says what to write instead; empty when {@code what} already says it
 */
public record Diagnostic(SourceLocation location, String what, String fix) {

    @Override
    public String toString() {
        return location + ": " + what + (fix.isEmpty() ? "" : "\n    " + fix);
    }
}
