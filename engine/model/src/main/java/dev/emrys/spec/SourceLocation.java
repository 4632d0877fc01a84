package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Where in a script something was written.
 *
 * @param file the script as the author named it; {@code "?"} when unknown
 * @param line 1-based; 0 when unknown
 * @param column 1-based; 0 when unknown (stack frames have lines only)
 * @param calledFrom when the line is in a function that the author wrote, where that function was called; else null
 */
public record SourceLocation(
        String file,
        int line,
        int column,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable SourceLocation calledFrom) {

    public static final SourceLocation UNKNOWN = new SourceLocation("?", 0, 0);

    public SourceLocation(String file, int line, int column) {
        this(file, line, column, null);
    }

    public static SourceLocation at(String file, int line) {
        return new SourceLocation(file, line, 0);
    }

    /**
     * As {@link #toString}, with the calls that led to a location inside a function: {@code a.kts:3, called from
     * a.kts:9}.
     */
    public String withCalls() {
        StringBuilder text = new StringBuilder(toString());
        for (SourceLocation call = calledFrom; call != null; call = call.calledFrom) {
            text.append(", called from ").append(call);
        }
        return text.toString();
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
