package dev.emrys.spec;

import com.google.common.base.CharMatcher;
import java.util.regex.Pattern;

/** The rules for the names that an author gives. */
final class Names {
    /** EMR allows 256; the key of an attempt is appended to the name. */
    static final int MAX_LENGTH = 180;

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*");

    private Names() {}

    static void check(String kind, String name, SourceLocation location, Diagnostics diagnostics) {
        if (name.isEmpty()) {
            diagnostics.add(
                    location, "The " + kind + " has an empty name.", "Give it a name, such as \"" + kind + "-1\".");
        } else if (name.length() > MAX_LENGTH) {
            diagnostics.add(
                    location,
                    "The name of the " + kind + " \"" + name.substring(0, 20) + "…\" has " + name.length()
                            + " characters.",
                    "At most " + MAX_LENGTH + " are allowed: EMR takes 256, and Emrys appends the key of the attempt.");
        } else if (!NAME.matcher(name).matches() || CharMatcher.whitespace().matches(name.charAt(name.length() - 1))) {
            diagnostics.add(
                    location,
                    "The " + kind + " name \"" + name + "\" has characters that a name cannot have.",
                    "Begin with a letter or a digit and use letters, digits, spaces, '.', '_' and '-'.");
        }
    }
}
