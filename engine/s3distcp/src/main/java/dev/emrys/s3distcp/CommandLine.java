package dev.emrys.s3distcp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The arguments, parsed and checked: {@code --option=value}, {@code --option value} or {@code --switch}. Immutable. */
final class CommandLine {
    private static final long MEBIBYTE = 1L << 20;

    private final Map<Option, String> values = new EnumMap<>(Option.class);
    private final @Nullable Pattern srcPattern;
    private final @Nullable Pattern groupBy;
    private final long targetSize;
    private final int startingIndex;
    private final OutputCodec codec;

    /** @throws UsageException when an option is unknown, is missing, or has no usable value */
    CommandLine(String... args) throws UsageException {
        List<String> words = new ArrayList<>(Arrays.asList(args));
        while (!words.isEmpty()) {
            read(words);
        }
        srcPattern = pattern(Option.SRC_PATTERN);
        groupBy = pattern(Option.GROUP_BY);
        targetSize = number(Option.TARGET_SIZE, 1) * MEBIBYTE;
        startingIndex = (int) number(Option.STARTING_INDEX, 0);
        codec = OutputCodec.of(values.getOrDefault(Option.OUTPUT_CODEC, "keep"));
        check();
    }

    private void read(List<String> words) throws UsageException {
        String word = words.remove(0);
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Option option = Option.of(name);
        if (option == null) {
            throw new UsageException("Unknown option \"" + name + "\". Known are "
                    + Arrays.stream(Option.values()).map(Option::toString).collect(Collectors.joining(", ")) + ".");
        }
        if (equals >= 0) {
            values.put(option, word.substring(equals + 1));
        } else if (!option.hasValue()) {
            boolean isSet = !words.isEmpty() && words.get(0).matches("true|false");
            values.put(option, isSet ? words.remove(0) : "true");
        } else if (words.isEmpty() || words.get(0).startsWith("--")) {
            throw new UsageException(option + " needs a value: write " + option + "=VALUE.");
        } else {
            values.put(option, words.remove(0));
        }
    }

    private void check() throws UsageException {
        if (has(Option.HELP)) {
            return;
        }
        for (Option required : Arrays.asList(Option.SRC, Option.DEST)) {
            if (value(required) == null) {
                throw new UsageException(required + " is missing: write " + required + "=LOCATION.");
            }
        }
        if (groupBy != null && groupBy.matcher("").groupCount() == 0) {
            throw new UsageException(
                    "--groupBy needs a part in parentheses, which names the output file: " + groupBy.pattern());
        }
        if (has(Option.COPY_FROM_MANIFEST) && value(Option.PREVIOUS_MANIFEST) == null) {
            throw new UsageException("--copyFromManifest needs a manifest: add --previousManifest=PATH.");
        }
    }

    private @Nullable Pattern pattern(Option option) throws UsageException {
        String text = value(option);
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new UsageException(
                    option + " is not a regular expression: " + text + " (" + e.getDescription() + ").");
        }
    }

    /** 0 if it is not given. */
    private long number(Option option, int least) throws UsageException {
        String text = value(option);
        if (text == null) {
            return 0;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < least) {
            throw new UsageException(option + "=" + text + " is not an integer from " + least + ".");
        }
        return Integer.parseInt(text);
    }

    @Nullable
    String value(Option option) {
        return values.get(option);
    }

    /** The value of an option that {@link #check} requires. */
    String required(Option option) {
        return String.valueOf(values.get(option));
    }

    /** Whether a switch is on. */
    boolean has(Option option) {
        return Boolean.parseBoolean(values.get(option));
    }

    /** The given options that have no effect on folders. */
    List<Option> ignored() {
        return values.keySet().stream().filter(Option::isIgnored).collect(Collectors.toList());
    }

    @Nullable
    Pattern srcPattern() {
        return srcPattern;
    }

    @Nullable
    Pattern groupBy() {
        return groupBy;
    }

    /** In bytes; 0 if there is none. */
    long targetSize() {
        return targetSize;
    }

    int startingIndex() {
        return startingIndex;
    }

    OutputCodec codec() {
        return codec;
    }
}
