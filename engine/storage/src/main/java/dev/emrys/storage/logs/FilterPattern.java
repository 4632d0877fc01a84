package dev.emrys.storage.logs;

import com.google.common.collect.ImmutableList;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A filter pattern for messages without structure: terms and quoted phrases that must all be there, those after a minus
 * that must not, and those after a question mark of which one must. Upper and lower case differ. A term is found
 * anywhere in the message: the documentation does not say whether it must be a word of its own.
 *
 * <p>Patterns for JSON and for fields, and regular expressions, are refused. So is a question mark beside other terms,
 * which the documentation excludes.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html">Filter pattern
 *     syntax</a>
 */
record FilterPattern(ImmutableList<String> all, ImmutableList<String> none, ImmutableList<String> any)
        implements Predicate<String> {
    private static final int LONGEST = 1024;
    private static final Pattern TERM = Pattern.compile("[\\p{L}\\p{N}_]+");

    static FilterPattern of(String pattern) throws LogsException {
        if (pattern.length() > LONGEST) {
            throw LogsException.constraint(
                    pattern, "filterPattern", "Member must have length less than or equal to " + LONGEST);
        }
        return new Parser(pattern).parse();
    }

    @Override
    public boolean test(String message) {
        return all.stream().allMatch(message::contains)
                && none.stream().noneMatch(message::contains)
                && (any.isEmpty() || any.stream().anyMatch(message::contains));
    }

    /** Reads a pattern from its beginning to its end. Not thread-safe. */
    private static final class Parser {
        private final String text;
        private final ImmutableList.Builder<String> all = ImmutableList.builder();
        private final ImmutableList.Builder<String> none = ImmutableList.builder();
        private final ImmutableList.Builder<String> any = ImmutableList.builder();
        private int at;

        Parser(String text) {
            this.text = text;
        }

        FilterPattern parse() throws LogsException {
            String stripped = text.strip();
            if (stripped.startsWith("{") || stripped.startsWith("[")) {
                throw LogsException.invalid("Invalid filter pattern: the emulator knows terms, \"phrases\", -exclusions"
                        + " and ?alternatives, and no patterns for JSON or for fields.");
            }
            for (skipSpace(); at < text.length(); skipSpace()) {
                char first = text.charAt(at);
                if (first == '-' || first == '?') {
                    at++;
                }
                (first == '-' ? none : first == '?' ? any : all).add(term());
            }
            FilterPattern pattern = new FilterPattern(all.build(), none.build(), any.build());
            if (!pattern.any.isEmpty() && !(pattern.all.isEmpty() && pattern.none.isEmpty())) {
                throw LogsException.invalid(
                        "Invalid filter pattern: terms with ? cannot be combined with other terms.");
            }
            return pattern;
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private String term() throws LogsException {
            if (at < text.length() && text.charAt(at) == '"') {
                return phrase();
            }
            int start = at;
            while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            String term = text.substring(start, at);
            if (term.startsWith("%")) {
                throw LogsException.invalid("Invalid filter pattern: the emulator knows no regular expressions.");
            }
            if (!TERM.matcher(term).matches()) {
                throw LogsException.invalid("Invalid character(s) in term '" + term + "'");
            }
            return term;
        }

        private String phrase() throws LogsException {
            StringBuilder phrase = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char next = text.charAt(at);
                if (next == '"') {
                    at++;
                    return phrase.toString();
                }
                if (next == '\\' && at + 1 < text.length()) {
                    at++;
                }
                phrase.append(text.charAt(at));
            }
            throw LogsException.invalid("Invalid filter pattern: a quotation mark has no end.");
        }
    }
}
