package dev.emrys.spec;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import java.util.regex.Pattern;

/** The rules for the names that an author gives. */
final class Names {
    /** EMR allows 256; the key of an attempt is appended to the name. */
    static final int MAX_LENGTH = 180;

    private static final int SHOWN_OF_LONG = 20;

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*");

    private Names() {}

    /** Letters, digits and hyphens of ASCII: the usual name, without the cost of the pattern. */
    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Ascii.isLowerCase(c) && !Ascii.isUpperCase(c) && !(c >= '0' && c <= '9') && !(c == '-' && i > 0)) {
                return false;
            }
        }
        return true;
    }

    static void check(String kind, String name, SourceLocation location, Diagnostics diagnostics) {
        if (name.isEmpty()) {
            diagnostics.add(PipelineCode.NAME_EMPTY, location, kind);
        } else if (name.length() > MAX_LENGTH) {
            diagnostics.add(
                    PipelineCode.NAME_TOO_LONG,
                    location,
                    kind,
                    name.substring(0, SHOWN_OF_LONG),
                    name.length(),
                    MAX_LENGTH);
        } else if (!isPlain(name)
                && (!NAME.matcher(name).matches()
                        || CharMatcher.whitespace().matches(name.charAt(name.length() - 1)))) {
            diagnostics.add(PipelineCode.NAME_CHARACTERS, location, kind, name);
        }
    }
}
