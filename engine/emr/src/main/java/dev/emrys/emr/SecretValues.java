package dev.emrys.emr;

import com.google.common.collect.ImmutableSet;
import dev.emrys.run.Event;
import dev.emrys.spec.Placeholders;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * Fills secrets in when a request is sent, and removes them from what is reported: EMR quotes arguments when it refuses
 * them, and the end of a step's output may repeat its command line. It removes every value that was filled in here, and
 * the values that the pipeline's secrets have when this is made: after a crash the request was sent by another process.
 * Thread-safe.
 */
final class SecretValues {
    private final Function<String, Optional<String>> source;

    /** The placeholder of each value that was filled in; the longest first, as one may be a part of another. */
    private final Map<String, String> filled = new ConcurrentSkipListMap<>(
            Comparator.comparing(String::length).reversed().thenComparing(value -> value));

    /** @param named by the pipeline */
    SecretValues(Function<String, Optional<String>> source, ImmutableSet<String> named) {
        this.source = source;
        named.forEach(name -> source.apply(name).ifPresent(value -> remember(name, value)));
    }

    /** The script names a secret that is not known here. */
    static final class MissingSecretException extends RuntimeException {
        MissingSecretException(String name) {
            super("The secret \"" + name + "\" is not known here. Set the environment variable "
                    + Placeholders.variable(name)
                    + ", or add it to the secrets file of the state folder.");
        }
    }

    /** @throws MissingSecretException when the text names a secret that is not known */
    String fill(String text) {
        return Placeholders.fill(
                text, (kind, name) -> kind.equals("secret") ? value(name) : "${" + kind + ":" + name + "}");
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

    Event conceal(Event event) {
        if (event instanceof Event.AttemptFailed failed) {
            return new Event.AttemptFailed(
                    failed.at(),
                    failed.task(),
                    failed.attempt(),
                    failed.failure(),
                    conceal(failed.reason()),
                    failed.log(),
                    failed.cause());
        }
        if (event instanceof Event.ScopeLost lost) {
            return new Event.ScopeLost(lost.at(), lost.task(), lost.attempt(), lost.failure(), conceal(lost.reason()));
        }
        return event;
    }
}
