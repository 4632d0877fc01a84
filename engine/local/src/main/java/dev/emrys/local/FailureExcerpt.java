package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The part of a log that explains a failure: Python's last exception if there is one, else the JVM's and its root
 * cause, else the last lines. Stack frames and log messages below ERROR are left out, and so are control characters.
 */
final class FailureExcerpt {
    private static final int MAX_LINES = 12;
    /** In characters. */
    private static final int MAX_LINE = 500;

    private static final int MAX_TEXT = 4_000;
    /** How many lines of a message after its first line are kept. */
    private static final int MAX_CONTINUATION = 4;

    /** Terminal titles (OSC), colours and cursor movements (CSI), and other escape sequences of two characters. */
    private static final Pattern ESCAPE =
            Pattern.compile("\u001B\\][^\u0007\u001B]*(?:\u0007|\u001B\\\\)?|\u001B\\[[0-?]*[ -/]*[@-~]|\u001B.?");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t]]");

    /** What the shell of the supervisor says before a program that it cannot start. */
    private static final Pattern SUPERVISOR = Pattern.compile("^/.*/supervisor\\.sh: (?:line )?\\d+: (?:exec: )?");

    private static final Pattern FRAME =
            Pattern.compile("\\s+at [\\w.$/<>@-]+\\(.*\\).*|\\s*\\.\\.\\. \\d+ (?:more|common frames omitted)");

    /** Log4j and Spark's own layouts, slf4j's and log4j's internal messages, and the JVM's remark on its options. */
    private static final Pattern NOISE = Pattern.compile(
            "(?:\\d{2}/\\d{2}/\\d{2} \\d{2}:\\d{2}:\\d{2}|\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}\\S*)"
                    + " (?:\\[[^\\]]*\\] )?(?:TRACE|DEBUG|INFO|WARN)\\b.*"
                    + "|SLF4J(?:\\([A-Z]\\))?: .*|log4j:\\w+ .*|Picked up \\S*JAVA\\S*OPTIONS:.*");

    private static final String CAUSE = "Caused by: ";

    /** In a message of the JVM it may follow the name of an exception. */
    static final String TRACEBACK = "Traceback (most recent call last):";

    private static final Pattern PYTHON_FRAME = Pattern.compile("\\s+File \".*\", line \\d+.*");

    private static final Pattern EXCEPTION = Pattern.compile(
            "(?:Exception in thread \"[^\"]*\" )?(?:[A-Za-z_$][\\w$]*\\.)*(?:[A-Z][\\w$]*)?(?:Exception|Error|Throwable)(?:: .*)?|Exception in thread .*");

    private FailureExcerpt() {}

    /** The excerpt of a log: at most 12 lines and 4,000 characters. Empty for a log without text. */
    static String of(Iterable<String> log) {
        List<String> clean = new ArrayList<>();
        log.forEach(line -> clean.add(clean(line)));
        List<String> telling = new ArrayList<>(clean);
        telling.removeIf(line -> line.isBlank()
                || FRAME.matcher(line).matches()
                || NOISE.matcher(line).matches());
        if (telling.isEmpty()) {
            // Noise is better than nothing.
            telling = clean;
            telling.removeIf(String::isBlank);
        }
        return bounded(rootCause(telling));
    }

    private static List<String> rootCause(List<String> lines) {
        int traceback = Iterables.indexOf(Lists.reverse(lines), line -> line.endsWith(TRACEBACK));
        if (traceback >= 0) {
            return traceback(lines.subList(lines.size() - traceback, lines.size()));
        }
        int first = Iterables.indexOf(lines, line -> EXCEPTION.matcher(line).matches());
        int cause = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().startsWith(CAUSE)) {
                cause = i;
            }
        }
        if (first < 0 && cause < 0) {
            return lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size());
        }
        ImmutableList.Builder<String> found = ImmutableList.builder();
        if (first >= 0) {
            found.addAll(message(lines, first));
        }
        if (cause > first) {
            found.addAll(message(lines, cause));
        }
        return found.build();
    }

    /** The innermost frame and the exception of Python's last traceback, without what the JVM adds to it. */
    private static List<String> traceback(List<String> lines) {
        int message = Iterables.indexOf(lines, line -> !line.startsWith(" "));
        if (message < 0) {
            return lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size());
        }
        ImmutableList.Builder<String> found = ImmutableList.builder();
        Lists.reverse(lines.subList(0, message)).stream()
                .filter(line -> PYTHON_FRAME.matcher(line).matches())
                .limit(1)
                .forEach(found::add);
        return found.addAll(message(lines, message)).build();
    }

    /** The line and those after it that belong to the same message. */
    private static List<String> message(List<String> lines, int start) {
        int end = start + 1;
        while (end < lines.size()
                && end - start <= MAX_CONTINUATION
                && !lines.get(end).strip().startsWith(CAUSE)
                && !EXCEPTION.matcher(lines.get(end)).matches()) {
            end++;
        }
        return lines.subList(start, end);
    }

    private static String clean(String line) {
        String text = ESCAPE.matcher(line).replaceAll("").stripTrailing();
        // A program that shows its progress overwrites the line: only the last version of it counts.
        String shown =
                CONTROL.matcher(text.substring(text.lastIndexOf('\r') + 1)).replaceAll("");
        return SUPERVISOR.matcher(shown).replaceFirst("");
    }

    private static String bounded(List<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            String shown = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
            if (text.length() + shown.length() > MAX_TEXT) {
                break;
            }
            text.append(text.isEmpty() ? "" : "\n").append(shown);
        }
        return text.toString();
    }
}
