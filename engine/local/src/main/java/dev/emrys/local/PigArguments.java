package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Iterator;
import java.util.List;

/**
 * The arguments of Pig, from {@code pig} or EMR's {@code pig-script}.
 *
 * @param words for Pig, without its execution type, which is this machine's choice
 * @param scripts the files that Pig reads: scripts and files of parameters
 * @see <a href="https://pig.apache.org/docs/r0.17.0/start.html">Pig: Getting Started</a>
 */
record PigArguments(ImmutableList<String> words, ImmutableList<String> scripts) {
    private static final ImmutableSet<String> EXECUTION_TYPE = ImmutableSet.of("-x", "-exectype", "--exectype");
    private static final ImmutableSet<String> SCRIPT =
            ImmutableSet.of("-f", "-file", "--file", "-m", "-param_file", "--param_file");

    /** Options of Pig with a value, as its Main declares them. */
    private static final ImmutableSet<String> WITH_VALUE = ImmutableSet.of(
            "-e",
            "-execute",
            "--execute",
            "-l",
            "-logfile",
            "--logfile",
            "-p",
            "-param",
            "--param",
            "-P",
            "-propertyFile",
            "--propertyFile",
            "-t",
            "-optimizer_off",
            "--optimizer_off",
            "-D",
            "-d",
            "-debug",
            "--debug",
            "-4",
            "-log4jconf",
            "--log4jconf");

    /** The options of pig-script are before {@code --args}: they choose a version and a place of Pig's installation. */
    static PigArguments of(String program, ImmutableList<String> args) {
        int first = program.equals("pig-script") ? args.indexOf("--args") + 1 : 0;
        ImmutableList.Builder<String> words = ImmutableList.builder();
        ImmutableList.Builder<String> scripts = ImmutableList.builder();
        boolean hasScript = false;
        Iterator<String> rest = args.subList(first, args.size()).iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            if (EXECUTION_TYPE.contains(word)) {
                if (rest.hasNext()) {
                    rest.next();
                }
                continue;
            }
            words.add(word);
            boolean isFile = SCRIPT.contains(word);
            if (rest.hasNext() && (isFile || WITH_VALUE.contains(word))) {
                String value = rest.next();
                words.add(value);
                if (isFile) {
                    scripts.add(value);
                }
                hasScript = hasScript
                        || ImmutableSet.of("-f", "-file", "--file", "-e", "-execute", "--execute")
                                .contains(word);
            } else if (!hasScript && !word.startsWith("-")) {
                scripts.add(word);
                hasScript = true;
            }
        }
        return new PigArguments(words.build(), scripts.build());
    }

    /** Whether there is nothing to run: Pig would wait for a person's input. */
    static boolean isInteractive(List<String> words) {
        return words.stream()
                .noneMatch(word -> !word.startsWith("-") || word.matches("-(?:h|help|i|version)|--(?:help|version)"));
    }
}
