package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Iterator;

/**
 * The arguments of Pig, from {@code pig} or EMR's {@code pig-script}.
 *
 * @param words for Pig, without its execution type, which is this machine's choice
 * @param files that Pig reads: the script and files of parameters
 * @param isInteractive whether there is nothing to run, so that Pig would wait for a person's input
 * @see <a href="https://pig.apache.org/docs/r0.17.0/start.html">Pig: Getting Started</a>
 */
record PigArguments(ImmutableList<String> words, ImmutableList<String> files, boolean isInteractive) {
    private static final ImmutableSet<String> EXECUTION_TYPE = ImmutableSet.of("-x", "-exectype", "--exectype");
    private static final ImmutableSet<String> SCRIPT = ImmutableSet.of("-f", "-file", "--file");
    private static final ImmutableSet<String> SCRIPT_TEXT = ImmutableSet.of("-e", "-execute", "--execute");
    private static final ImmutableSet<String> PARAMETERS = ImmutableSet.of("-m", "-param_file", "--param_file");

    /** With one of these Pig prints a text. */
    private static final ImmutableSet<String> INFORMATION =
            ImmutableSet.of("-h", "-help", "--help", "-i", "-version", "--version");

    /** Other options with a value, as Pig's Main declares them. */
    private static final ImmutableSet<String> WITH_VALUE = ImmutableSet.of(
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
        if (program.equals("pig-script") && first == 0) {
            return new PigArguments(ImmutableList.of(), ImmutableList.of(), true);
        }
        ImmutableList.Builder<String> words = ImmutableList.builder();
        ImmutableList.Builder<String> files = ImmutableList.builder();
        boolean isInteractive = true;
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
            boolean isScript = SCRIPT.contains(word);
            boolean isText = SCRIPT_TEXT.contains(word);
            boolean isFile = isScript || PARAMETERS.contains(word);
            if (rest.hasNext() && (isFile || isText || WITH_VALUE.contains(word))) {
                String value = rest.next();
                words.add(value);
                if (isFile) {
                    files.add(value);
                }
                isInteractive = isInteractive && !isScript && !isText;
            } else if (isInteractive && !word.startsWith("-")) {
                files.add(word);
                isInteractive = false;
            } else if (INFORMATION.contains(word)) {
                isInteractive = false;
            }
        }
        return new PigArguments(words.build(), files.build(), isInteractive);
    }
}
