package dev.emrys.emulator;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Streams;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;

/**
 * Checks requests against EMR's service model: required members, lengths, ranges, enums and patterns, with the error
 * texts of AWS's services. Thread-safe.
 */
final class Constraints {

    /** The pattern of nearly every string in EMR's model: the characters of XML. */
    private static final Pattern XML =
            Pattern.compile("[\\u0020-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}\\r\\n\\t]*");

    /** The operations whose requests have no constraints. */
    private static final ImmutableSet<String> UNCONSTRAINED =
            ImmutableSet.of("GetBlockPublicAccessConfiguration", "ListSecurityConfigurations", "ListStudios");

    private static final Constraints SHIPPED = new Constraints(read());

    private final ImmutableMap<String, String> operations;
    private final ImmutableMap<String, JsonNode> shapes;
    private final Map<String, Pattern> patterns = new ConcurrentSkipListMap<>();

    private Constraints(JsonNode table) {
        ImmutableMap.Builder<String, String> inputs = ImmutableMap.builder();
        table.get("operations")
                .properties()
                .forEach(e -> inputs.put(e.getKey(), e.getValue().asText()));
        operations = inputs.buildOrThrow();
        shapes = ImmutableMap.copyOf(table.get("shapes").properties());
    }

    /** Whether EMR has an operation of this name. */
    static boolean isOperation(String name) {
        return SHIPPED.operations.containsKey(name) || UNCONSTRAINED.contains(name);
    }

    /** Throws a ValidationException that names all violations of {@code request}. */
    static void check(String operation, SdkPojo request) {
        check(operation, SdkJson.tree(request));
    }

    /** As the other {@code check}, for the JSON of a request. */
    static void check(String operation, JsonNode tree) {
        List<String> violations = new ArrayList<>();
        collectNulls(tree, "", violations);
        String shape = SHIPPED.operations.get(operation);
        if (shape != null) {
            SHIPPED.collect(shape, tree, "", violations);
        }
        if (!violations.isEmpty()) {
            throw Errors.validation(violations.size() + " validation error" + (violations.size() == 1 ? "" : "s")
                    + " detected: " + String.join("; ", violations));
        }
    }

    private void collect(String shapeName, JsonNode value, String path, List<String> violations) {
        JsonNode shape = shapes.get(shapeName);
        if (shape == null) {
            return;
        }
        if (value.isTextual()) {
            checkText(shape, value.textValue(), path, violations);
        } else if (value.isNumber()) {
            outOfRange(shape, value.decimalValue(), "value")
                    .forEach(why -> violations.add(failed(value.asText(), path, why)));
        } else if (value.isArray()) {
            outOfRange(shape, BigDecimal.valueOf(value.size()), "length")
                    .forEach(why -> violations.add(failed(value.toString(), path, why)));
            collectElements(shape, value, path, violations);
        } else if (value.isObject() && shape.has("value")) {
            value.properties()
                    .forEach(e -> collect(
                            shape.get("value").asText(),
                            e.getValue(),
                            path + "." + e.getKey() + ".member",
                            violations));
        } else if (value.isObject()) {
            collectMembers(shape, value, path, violations);
        }
    }

    /** Elements of lists that are null, also of lists that have no other constraint. */
    private static void collectNulls(JsonNode value, String path, List<String> violations) {
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            String where = path + "." + (i + 1) + ".member";
            if (value.get(i).isNull()) {
                violations.add(failed(null, where, "Member must not be null"));
            }
            collectNulls(value.get(i), where, violations);
        }
        value.properties().forEach(e -> collectNulls(e.getValue(), join(path, e.getKey()), violations));
    }

    private void collectElements(JsonNode shape, JsonNode value, String path, List<String> violations) {
        for (int i = 0; i < value.size(); i++) {
            String where = path + "." + (i + 1) + ".member";
            if (shape.has("member") && !value.get(i).isNull()) {
                collect(shape.get("member").asText(), value.get(i), where, violations);
            }
        }
    }

    private void collectMembers(JsonNode shape, JsonNode value, String path, List<String> violations) {
        for (JsonNode required : shape.path("required")) {
            if (!value.hasNonNull(required.asText())) {
                violations.add(failed(null, join(path, required.asText()), "Member must not be null"));
            }
        }
        Iterator<Map.Entry<String, JsonNode>> members =
                shape.path("members").properties().iterator();
        while (members.hasNext()) {
            Map.Entry<String, JsonNode> member = members.next();
            JsonNode part = value.get(member.getKey());
            if (part != null && !part.isNull()) {
                collect(member.getValue().asText(), part, join(path, member.getKey()), violations);
            }
        }
    }

    private void checkText(JsonNode shape, String text, String path, List<String> violations) {
        if (shape.has("enum")) {
            Set<String> allowed =
                    Streams.stream(shape.get("enum")).map(JsonNode::asText).collect(toImmutableSet());
            if (!allowed.contains(text)) {
                violations.add(failed(text, path, "Member must satisfy enum value set: " + allowed));
            }
            return;
        }
        outOfRange(shape, BigDecimal.valueOf(text.codePointCount(0, text.length())), "length")
                .forEach(why -> violations.add(failed(text, path, why)));
        JsonNode pattern = shape.get("pattern");
        if (pattern != null && !patternOf(pattern.asText()).matcher(text).matches()) {
            violations.add(failed(
                    text, path, "Member must satisfy regular expression pattern: " + patternOf(pattern.asText())));
        }
    }

    private static ImmutableList<String> outOfRange(JsonNode shape, BigDecimal size, String what) {
        ImmutableList.Builder<String> why = ImmutableList.builder();
        if (shape.has("min") && size.compareTo(shape.get("min").decimalValue()) < 0) {
            why.add("Member must have " + what + " greater than or equal to " + shape.get("min"));
        }
        if (shape.has("max") && size.compareTo(shape.get("max").decimalValue()) > 0) {
            why.add("Member must have " + what + " less than or equal to " + shape.get("max"));
        }
        return why.build();
    }

    private Pattern patternOf(String text) {
        return text.equals("xml") ? XML : patterns.computeIfAbsent(text, Pattern::compile);
    }

    private static String failed(@Nullable String value, String path, String why) {
        String shown = value == null ? "null" : "'" + Ascii.truncate(value, 256, "...") + "'";
        return "Value " + shown + " at '" + path + "' failed to satisfy constraint: " + why;
    }

    private static String join(String path, String member) {
        int first = Math.min(1, member.length());
        String lower = Ascii.toLowerCase(member.substring(0, first)) + member.substring(first);
        return path.isEmpty() ? lower : path + "." + lower;
    }

    private static JsonNode read() {
        try {
            return SdkJson.parse(Resources.toString(
                    Resources.getResource(Constraints.class, "constraints.json"), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("The emulator's own constraints.json cannot be read.", e);
        }
    }
}
