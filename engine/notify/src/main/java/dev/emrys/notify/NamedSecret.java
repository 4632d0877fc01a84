package dev.emrys.notify;

import java.util.Optional;
import java.util.function.Supplier;

/** A value that is read each time it is needed, and that no log shows. Thread-safe if its source is. */
public final class NamedSecret {
    private final String name;
    private final Supplier<Optional<String>> source;

    private NamedSecret(String name, Supplier<Optional<String>> source) {
        this.name = name;
        this.source = source;
    }

    /**
     * A secret.
     *
     * @param name what messages call it
     * @param source its value at the moment; empty while it is not known
     */
    public static NamedSecret of(String name, Supplier<Optional<String>> source) {
        return new NamedSecret(name, source);
    }

    /** @throws ChannelException retryable, if the secret is not known or is blank */
    String reveal() throws ChannelException {
        String value = source.get().orElse("").strip();
        if (value.isEmpty()) {
            throw ChannelException.retryable("The secret \"" + name + "\" is not known.");
        }
        return value;
    }

    /** The name only. */
    @Override
    public String toString() {
        return "secret \"" + name + "\"";
    }
}
