package dev.emrys.spec;

/**
 * Where in a script something was written.
 *
 * @param file the script as the author named it; {@code "?"} when nobody knows
 * @param line 1-based; 0 when unknown
 * @param column 1-based; 0 when unknown (what runs knows its line only)
 */
public record SourceLocation(String file, int line, int column) {

    public static final SourceLocation UNKNOWN = new SourceLocation("?", 0, 0);

    public static SourceLocation at(String file, int line) {
        return new SourceLocation(file, line, 0);
    }

    /** {@code file:line:column}, without the parts that are unknown. */
    @Override
    public String toString() {
        if (line == 0) {
            return file;
        }
        return column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
    }
}
