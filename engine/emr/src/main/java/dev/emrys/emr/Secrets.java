package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills secrets in when a request is sent, and takes them out of what is told: EMR quotes arguments when it refuses them, and a
 * step's last words may repeat its command line. Only what was filled in here is known, so after a crash nothing is until it is
 * sent again. Thread-safe.
 */
final class Secrets {
    private static final Pattern SECRET = Pattern.compile("\\$\\{secret:([A-Za-z0-9._/-]+)}");

    private final Function<String, Optional<String>> source;

    /** The placeholder of each value that was filled in; the longest first, as one may be a part of another. */
    private final Map<String, String> filled =
            new ConcurrentSkipListMap<>(Comparator.comparing(String::length).reversed().thenComparing(value -> value));

    Secrets(Function<String, Optional<String>> source) {
        this.source = source;
    }

    /** A secret that the script names and nobody knows. */
    static final class MissingSecretException extends RuntimeException {
        MissingSecretException(String name) {
            super("The secret \"" + name + "\" is not known here. Set the environment variable "
                    + "EMRYS_SECRET_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_")
                    + ", or add it to the secrets file of the state folder.");
        }
    }

    List<String> fill(ImmutableList<String> texts) {
        return texts.stream().map(this::fill).toList();
    }

    String fill(String text) {
        return SECRET.matcher(text).replaceAll(found -> Matcher.quoteReplacement(value(found.group(1))));
    }

    private String value(String name) {
        String value = source.apply(name).orElseThrow(() -> new MissingSecretException(name));
        if (!value.isBlank()) {
            filled.put(value, "${secret:" + name + "}");
        }
        return value;
    }

    String conceal(String text) {
        String concealed = text;
        for (Map.Entry<String, String> secret : filled.entrySet()) {
            concealed = concealed.replace(secret.getKey(), secret.getValue());
        }
        return concealed;
    }

    Event conceal(Event fact) {
        if (fact instanceof Event.AttemptFailed failed) {
            return new Event.AttemptFailed(
                    failed.at(),
                    failed.task(),
                    failed.attempt(),
                    failed.failure(),
                    conceal(failed.reason()),
                    failed.log());
        }
        if (fact instanceof Event.ClusterLost lost) {
            return new Event.ClusterLost(
                    lost.at(), lost.task(), lost.attempt(), lost.failure(), conceal(lost.reason()));
        }
        return fact;
    }
}
