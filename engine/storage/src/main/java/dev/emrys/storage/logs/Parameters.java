package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The members of a request, checked as the service model says. Immutable. */
final class Parameters {
    private final JsonNode body;

    private Parameters(JsonNode body) {
        this.body = body;
    }

    static Parameters of(byte[] json) throws LogsException {
        try {
            JsonNode body = LogLines.JSON.readTree(json);
            if (body != null && body.isObject()) {
                return new Parameters(body);
            }
        } catch (IOException e) {
            // As one that is not an object.
        }
        throw new LogsException("SerializationException", "The body of the request is not a JSON object.");
    }

    boolean has(String name) {
        return body.hasNonNull(name);
    }

    Optional<String> text(String name) throws LogsException {
        return has(name) ? Optional.of(text(body.path(name), name)) : Optional.empty();
    }

    private static String text(JsonNode node, String name) throws LogsException {
        if (!node.isTextual()) {
            throw wrongType(name, "a string");
        }
        return node.textValue();
    }

    String required(String name) throws LogsException {
        return text(name).orElseThrow(() -> missing(name));
    }

    String group() throws LogsException {
        return LogNames.group(required("logGroupName"), "logGroupName");
    }

    String stream() throws LogsException {
        return LogNames.stream(required("logStreamName"), "logStreamName");
    }

    /** The name of the group, of which the request has the name or the ARN. */
    String groupOrIdentifier() throws LogsException {
        Optional<String> identifier = text("logGroupIdentifier");
        if (identifier.isPresent() == has("logGroupName")) {
            throw LogsException.invalid(
                    has("logGroupName")
                            ? "LogGroup name and LogGroup identifier are mutually exclusive parameters."
                            : "Either LogGroup name or LogGroup identifier must be specified.");
        }
        return identifier.isPresent() ? Arns.group(identifier.get(), "logGroupIdentifier") : group();
    }

    boolean flag(String name) throws LogsException {
        if (has(name) && !body.path(name).isBoolean()) {
            throw wrongType(name, "a boolean");
        }
        return body.path(name).asBoolean(false);
    }

    OptionalLong time(String name) throws LogsException {
        OptionalLong time = number(name);
        if (time.isPresent() && time.getAsLong() < 0) {
            throw LogsException.constraint(
                    "" + time.getAsLong(), name, "Member must have value greater than or equal to 0");
        }
        return time;
    }

    private OptionalLong number(String name) throws LogsException {
        if (!has(name)) {
            return OptionalLong.empty();
        }
        JsonNode node = body.path(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrongType(name, "an integer");
        }
        return OptionalLong.of(node.longValue());
    }

    /** Between 1 and {@code most}. */
    OptionalInt limit(String name, int most) throws LogsException {
        OptionalLong number = number(name);
        if (number.isEmpty()) {
            return OptionalInt.empty();
        }
        long value = number.getAsLong();
        if (value < 1 || value > most) {
            throw LogsException.constraint(
                    "" + value,
                    name,
                    "Member must have value "
                            + (value < 1 ? "greater than or equal to 1" : "less than or equal to " + most));
        }
        return OptionalInt.of((int) value);
    }

    int oneOf(String name, ImmutableSet<Integer> allowed) throws LogsException {
        OptionalLong number = number(name);
        long value = number.orElseThrow(() -> missing(name));
        if (value != (int) value || !allowed.contains((int) value)) {
            throw LogsException.constraint(
                    "" + value,
                    name,
                    "Member must satisfy enum value set: [" + Joiner.on(", ").join(allowed) + "]");
        }
        return (int) value;
    }

    String oneOf(String name, ImmutableSet<String> allowed, String otherwise) throws LogsException {
        String value = text(name).orElse(otherwise);
        if (!allowed.contains(value)) {
            throw LogsException.constraint(
                    value,
                    name,
                    "Member must satisfy enum value set: [" + Joiner.on(", ").join(allowed) + "]");
        }
        return value;
    }

    /** Of texts; empty when the member is absent. */
    ImmutableList<String> texts(String name) throws LogsException {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (JsonNode node : list(name)) {
            texts.add(text(node, name));
        }
        return texts.build();
    }

    JsonNode list(String name) throws LogsException {
        if (has(name) && !body.path(name).isArray()) {
            throw wrongType(name, "a list");
        }
        return body.path(name);
    }

    JsonNode map(String name) throws LogsException {
        if (has(name) && !body.path(name).isObject()) {
            throw wrongType(name, "a map");
        }
        return body.path(name);
    }

    static LogsException missing(String name) {
        return LogsException.invalid("1 validation error detected: Value null at '" + name
                + "' failed to satisfy constraint: Member must not be null");
    }

    private static LogsException wrongType(String name, String type) {
        return new LogsException("SerializationException", name + " is not " + type + ".");
    }
}
