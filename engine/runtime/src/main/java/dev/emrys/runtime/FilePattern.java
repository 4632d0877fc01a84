package dev.emrys.runtime;

import com.google.common.base.Splitter;
import dev.emrys.schedule.Arrival;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * A path whose elements may be patterns.
 *
 * @param folder the elements before the first pattern
 * @param matcher for paths below that folder
 * @param depth how many elements these have at most
 * @param namesHidden whether an element of the pattern begins with a dot
 */
record FilePattern(Path folder, PathMatcher matcher, int depth, boolean namesHidden) {
    /**
     * @param location absolute, with elements as of {@link java.nio.file.FileSystem#getPathMatcher} with {@code glob:};
     *     one that ends with a slash is a folder, with all of its files
     * @throws IllegalArgumentException if it is no path, or a pattern in it is malformed
     */
    static FilePattern parse(String location) {
        List<String> elements =
                Splitter.on('/').omitEmptyStrings().splitToList(location.endsWith("/") ? location + "*" : location);
        int plain = 0;
        while (plain < elements.size() - 1 && !isPattern(elements.get(plain))) {
            plain++;
        }
        List<String> rest = elements.subList(plain, elements.size());
        boolean isDeep = rest.stream().anyMatch(element -> element.contains("**"));
        try {
            return new FilePattern(
                    Path.of("/" + unescaped(String.join("/", elements.subList(0, plain)))),
                    FileSystems.getDefault().getPathMatcher("glob:" + String.join("/", rest)),
                    isDeep ? Integer.MAX_VALUE : rest.size(),
                    rest.stream().anyMatch(element -> element.startsWith(".")));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "The pattern \"" + location + "\" is malformed: " + e.getDescription() + ".", e);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "The path \"" + location.replace('\0', '?') + "\" is malformed: " + e.getReason() + ".", e);
        }
    }

    private static boolean isPattern(String element) {
        return !Arrival.escaped(unescaped(element)).equals(element);
    }

    private static String unescaped(String element) {
        return element.replaceAll("\\\\(.)", "$1");
    }
}
