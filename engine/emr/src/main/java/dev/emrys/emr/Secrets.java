package dev.emrys.emr;

import com.google.common.collect.ImmutableSet;
import dev.emrys.run.Event;
import dev.emrys.spec.Placeholders;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Fills secrets in when a request is sent, and takes them out of what is told: EMR quotes arguments when it refuses them, and a
 * step's last words may repeat its command line. What is taken out is every value that was filled in here, and what the pipeline's
 * secrets are when this is made: after a crash the request was sent by somebody else. Thread-safe.
 */
final class Secrets {
    private final Function<String, Optional<String>> source;

    /** The placeholder of each value that was filled in; the longest first, as one may be a part of another. */
    private final Map<String, String> filled = new ConcurrentSkipListMap<>(
            Comparator.comparing(String::length).reversed().thenComparing(value -> value));

    /** @param named by the pipeline */
    Secrets(Function<String, Optional<String>> source, ImmutableSet<String> named) {
        this.source = source;
        named.forEach(name -> source.apply(name).ifPresent(value -> remember(name, value)));
    }

    /** A secret that the script names and nobody knows. */
    static final class MissingSecretException extends RuntimeException {
        MissingSecretException(String name) {
            super("The secret \"" + name + "\" is not known here. Set the environment variable "
                    + Placeholders.variable(name)
                    + ", or add it to the secrets file of the state folder.");
        }
    }

    /** The text with its secrets, and with what is known of the run only now. */
    String fill(String text, UnaryOperator<String> ofRun) {
        return Placeholders.fill(text, (kind, name) -> kind.equals("secret") ? value(name) : ofRun.apply(name));
    }

    private String value(String name) {
        String value = source.apply(name).orElseThrow(() -> new MissingSecretException(name));
        remember(name, value);
        return value;
    }

    private void remember(String name, String value) {
        if (!value.isBlank()) {
            filled.put(value, "${secret:" + name + "}");
        }
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
