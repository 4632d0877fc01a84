package dev.emrys.jobs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** A command line: the words without a name, in order, and the options; a flag has an empty value. */
record Arguments(String usage, List<String> words, Map<String, String> options) {
    static final String OVERWRITE = "--overwrite";

    /** @param valued the options that take the next word as their value; those in {@code flags} have no value */
    static Arguments parse(String usage, List<String> valued, List<String> flags, String... args) throws Refusal {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (flags.contains(arg)) {
                options.put(arg, "");
            } else if (valued.contains(arg) && i + 1 < args.length) {
                options.put(arg, args[++i]);
            } else if (arg.startsWith("--")) {
                String why = valued.contains(arg) ? arg + " needs a value." : "There is no option " + arg + ".";
                throw new Refusal(why + "\nUsage: " + usage);
            } else {
                words.add(arg);
            }
        }
        return new Arguments(usage, words, options);
    }

    Arguments withWords(int count) throws Refusal {
        if (words.size() != count) {
            throw new Refusal("Expected " + count + " arguments, not " + words.size() + ".\nUsage: " + usage);
        }
        return this;
    }

    Path path(int word) throws Refusal {
        return path(words.get(word));
    }

    Path path(String address) throws Refusal {
        try {
            return new Path(address);
        } catch (IllegalArgumentException impossible) {
            throw new Refusal("\"" + address + "\" is no path: " + impossible.getMessage());
        }
    }

    String required(String option) throws Refusal {
        String value = options.get(option);
        if (value == null || value.isBlank()) {
            throw new Refusal(option + " is missing.\nUsage: " + usage);
        }
        return value;
    }

    int number(String option, int byDefault, int max) throws Refusal {
        String value = options.getOrDefault(option, String.valueOf(byDefault));
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException notNumber) {
            // Refused below, with the same message.
        }
        throw new Refusal(option + " is \"" + value + "\": a whole number from 0 to " + max + " is needed.");
    }

    boolean overwrite() {
        return options.containsKey(OVERWRITE);
    }
}
