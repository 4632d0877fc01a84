package dev.emrys.spec;

import com.google.common.collect.ImmutableSet;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a spec cannot hold yet and names instead: {@code ${secret:name}}, {@code ${run:id}}, {@code ${run:name}} and
 * {@code ${run:attempt}}. They are filled in when the request is sent. All of them may be used in the members of a
 * step, in a cluster's configurations and in the arguments of its bootstrap actions; those of the run also in its log
 * location and tags; nowhere else.
 */
public final class Placeholders {
    private static final Pattern FORM = Pattern.compile("\\$\\{(secret|run):([A-Za-z0-9/_][A-Za-z0-9/_+=.@-]{0,511})}");

    private Placeholders() {}

    /** Whether the text names anything that is filled in later. */
    public static boolean any(String text) {
        return text.contains("${") && FORM.matcher(text).find();
    }

    /** The secrets that a text names, in their order. */
    public static ImmutableSet<String> secrets(String text) {
        if (!text.contains("${")) {
            return ImmutableSet.of();
        }
        ImmutableSet.Builder<String> names = ImmutableSet.builder();
        Matcher matcher = FORM.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals("secret")) {
                names.add(matcher.group(2));
            }
        }
        return names.build();
    }

    /**
     * The text with its placeholders filled in, once: a value that is filled in is not searched again.
     *
     * @param value given kind ({@code secret} or {@code run}) and name
     */
    public static String fill(String text, BinaryOperator<String> value) {
        if (!text.contains("${")) {
            return text;
        }
        return FORM.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(value.apply(found.group(1), found.group(2))));
    }

    /** The environment variable that may hold a secret. */
    public static String variable(String secret) {
        StringBuilder name = new StringBuilder("EMRYS_SECRET_");
        for (int i = 0; i < secret.length(); i++) {
            char c = secret.charAt(i);
            name.append(c < 128 && Character.isLetterOrDigit(c) ? Character.toUpperCase(c) : '_');
        }
        return name.toString();
    }
}
