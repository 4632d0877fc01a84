package dev.emrys.spec;

/**
 * Where in a script something was written.
 *
 * @param file the script as the author named it; {@code "?"} when nobody knows
 * @param line 1-based; 0 when unknown
 * @param column 1-based; 0 when unknown (what runs knows its line only)
 */
public record Place(String file, int line, int column) {

    public static final Place UNKNOWN = new Place("?", 0, 0);

    public static Place at(String file, int line) {
        return new Place(file, line, 0);
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
