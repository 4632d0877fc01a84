package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A command whose arguments are not in the process list, which all users of the machine can read: the program reads
 * them from file descriptor 3. Possible for the JVM, which reads its options, the main class and its arguments from a
 * file, and for the text of {@code bash -c}, which the shell reads as a sourced file. Other programs have their
 * arguments in the process list.
 *
 * @param command what is in the process list
 * @param input what the program reads from file descriptor 3; empty if nothing
 * @see <a
 *     href="https://docs.oracle.com/en/java/javase/17/docs/specs/man/java.html#java-command-line-argument-files">java
 *     Command-Line Argument Files</a>
 */
record HiddenArguments(ImmutableList<String> command, String input) {
    private static final String INPUT = "/dev/fd/3";

    private static final ImmutableSet<String> SHELLS = ImmutableSet.of("bash", "sh", "dash");

    /**
     * Options that mean the same for a sourced text. Not among them, for instance: n, which would not read the file,
     * and v and x, which would print more.
     */
    private static final String SHELL_OPTIONS = "abcefhlouCET";

    private static final ImmutableSet<String> SHELL_OPTION_NAMES =
            ImmutableSet.of("pipefail", "errexit", "nounset", "noglob", "allexport", "noclobber", "errtrace", "posix");

    static HiddenArguments of(LaunchCommand command) {
        ImmutableList<String> words = command.command();
        return command.jvm()
                ? new HiddenArguments(
                        ImmutableList.of(words.get(0), "@" + INPUT),
                        words.stream()
                                .skip(1)
                                .map(HiddenArguments::javaArgument)
                                .collect(Collectors.joining("\n", "", "\n")))
                : shell(words).orElseGet(() -> new HiddenArguments(words, ""));
    }

    /** A line of java's argument file. */
    private static String javaArgument(String argument) {
        return '"'
                + argument.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t")
                        .replace("\f", "\\f")
                + '"';
    }

    /** Empty for a command that is no shell with a text, or one with an option that is not known here. */
    private static Optional<HiddenArguments> shell(ImmutableList<String> words) {
        String program = words.get(0).substring(words.get(0).lastIndexOf('/') + 1);
        if (!SHELLS.contains(program)) {
            return Optional.empty();
        }
        boolean hasText = false;
        int at = 1;
        for (; at < words.size() && isOption(words.get(at)); at++) {
            String option = words.get(at);
            if (!option.substring(1).chars().allMatch(letter -> SHELL_OPTIONS.indexOf(letter) >= 0)) {
                return Optional.empty();
            }
            hasText = hasText || (option.startsWith("-") && option.contains("c"));
            if (option.contains("o")) {
                at++;
                if (option.indexOf('o') != option.lastIndexOf('o')
                        || at == words.size()
                        || !SHELL_OPTION_NAMES.contains(words.get(at))) {
                    return Optional.empty();
                }
            }
        }
        return hasText && at < words.size() ? Optional.of(sourced(words, at)) : Optional.empty();
    }

    private static boolean isOption(String word) {
        return word.startsWith("-") || word.startsWith("+");
    }

    /** All in one line before the text, so that the shell counts the lines of the text from 1. */
    private static HiddenArguments sourced(ImmutableList<String> words, int text) {
        int arguments = Math.min(text + 2, words.size());
        return new HiddenArguments(
                ImmutableList.<String>builder()
                        .addAll(words.subList(0, text))
                        .add(". " + INPUT)
                        .addAll(words.subList(text + 1, arguments))
                        .build(),
                "exec 3<&-; set --"
                        + words.subList(arguments, words.size()).stream()
                                .map(word -> " " + ShellWord.quoted(word))
                                .collect(Collectors.joining())
                        + "; " + words.get(text));
    }
}
