package dev.emrys.spec;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the catalogue says of one code. In the texts {@code {0}}, {@code {1}} and so on are the arguments of a
 * diagnostic. Immutable.
 *
 * @param id such as {@code E112}; never changes its meaning
 * @param severity of a diagnostic of this code, unless its producer says otherwise
 * @param title a few words that name the rule
 * @param what one sentence that says what is wrong
 * @param why the rule or the consequence; may be empty
 * @param fix what to do instead; may be empty
 */
public record CatalogueEntry(String id, Severity severity, String title, String what, String why, String fix) {
    private static final Pattern ARGUMENT = Pattern.compile("\\{(\\d)}");

    Diagnostic fill(DiagnosticCode code, SourceRange range, Object[] arguments) {
        return new Diagnostic(code, severity, range, fill(what, arguments), fill(why, arguments), fill(fix, arguments));
    }

    private static String fill(String template, Object[] arguments) {
        return ARGUMENT.matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(text(arguments[Integer.parseInt(found.group(1))])));
    }

    private static String text(Object argument) {
        return argument instanceof Duration duration ? Durations.words(duration) : argument.toString();
    }
}
