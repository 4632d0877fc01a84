package dev.emrys.spec;

/**
 * A part of a script.
 *
 * @param start where it begins
 * @param endLine the line in which it ends, 1-based; 0 when unknown
 * @param endColumn the column behind its last character, 1-based; 0 when unknown
 */
public record SourceRange(SourceLocation start, int endLine, int endColumn) {

    /** The range of an element of which only the start is known: it ends in the same line, at an unknown column. */
    public static SourceRange at(SourceLocation start) {
        return new SourceRange(start, start.line(), 0);
    }
}
