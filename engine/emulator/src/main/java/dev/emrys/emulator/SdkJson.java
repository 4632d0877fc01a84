package dev.emrys.emulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * Any request or response of the SDK as the JSON of AWS's JSON 1.1 protocol, and back. Absent members are left out,
 * unknown members are ignored (a newer client may send them), instants are epoch seconds with three decimals.
 *
 * <p>All methods are thread-safe.
 */
public final class SdkJson {
    /** Reads and writes trees. */
    public static final JsonMapper MAPPER = mapper(StreamReadConstraints.defaults());

    private static final JsonMapper REQUESTS =
            mapper(StreamReadConstraints.builder().maxNestingDepth(500).build());

    private static final BigDecimal FIRST_SECOND =
            BigDecimal.valueOf(Instant.parse("0001-01-01T00:00:00Z").getEpochSecond());
    private static final BigDecimal END_SECOND =
            BigDecimal.valueOf(Instant.parse("9999-12-31T23:59:59Z").getEpochSecond() + 1);
    private static final BigDecimal NANOSECOND = BigDecimal.valueOf(1, 9);

    private SdkJson() {}

    private static JsonMapper mapper(StreamReadConstraints limits) {
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(limits).build())
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .disable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build();
    }

    /** The JSON text of a request, response or any part of one. */
    public static String write(SdkPojo pojo) {
        return text(tree(pojo));
    }

    /** The JSON tree of a request, response or any part of one. */
    public static ObjectNode tree(SdkPojo pojo) {
        ObjectNode node = MAPPER.createObjectNode();
        for (SdkField<?> field : pojo.sdkFields()) {
            JsonNode value = nodeOf(field, field.getValueOrDefault(pojo));
            if (value != null) {
                node.set(field.locationName(), value);
            }
        }
        return node;
    }

    /**
     * The value of a JSON text.
     *
     * @param builder an empty builder of the result, for instance {@code RunJobFlowRequest.builder()}
     * @throws MalformedJsonException the text is not JSON, or a member has the wrong type
     */
    public static <B extends SdkPojo & SdkBuilder<B, T>, T> T read(String json, B builder) {
        return read(parse(json), builder);
    }

    /** As the other {@code read}, from a tree. */
    public static <B extends SdkPojo & SdkBuilder<B, T>, T> T read(JsonNode tree, B builder) {
        fill(tree, builder, "");
        return builder.build();
    }

    /**
     * The tree of a JSON text.
     *
     * @throws MalformedJsonException the text is not JSON
     */
    public static JsonNode parse(String json) {
        return parse(json, MAPPER);
    }

    /**
     * The tree of the JSON text of a request, at most 500 levels deep. Jackson reads and writes 1,000, and what is
     * stored of a request is deeper than the request.
     *
     * @throws MalformedJsonException the text is not JSON, or too deep
     */
    public static JsonNode parseRequest(String json) {
        return parse(json, REQUESTS);
    }

    private static JsonNode parse(String json, JsonMapper mapper) {
        try {
            return mapper.readTree(json);
        } catch (JsonProcessingException e) {
            throw new MalformedJsonException("The text is not JSON: " + e.getOriginalMessage());
        }
    }

    /** The text of a tree. */
    public static String text(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree could not be written: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Sets on {@code builder} every member that {@code tree} has; {@code path} is the current position, for error
     * texts.
     */
    public static void fill(JsonNode tree, SdkPojo builder, String path) {
        if (!tree.isObject()) {
            throw wrongType(tree, "a structure", path);
        }
        for (SdkField<?> field : builder.sdkFields()) {
            JsonNode value = tree.get(field.locationName());
            if (value != null && !value.isNull()) {
                field.set(builder, valueOf(field, value, path + "/" + field.locationName()));
            }
        }
    }

    private static @Nullable JsonNode nodeOf(SdkField<?> field, @Nullable Object value) {
        if (value == null || value instanceof SdkAutoConstructList<?> || value instanceof SdkAutoConstructMap<?, ?>) {
            return null;
        }
        JsonNodeFactory nodes = MAPPER.getNodeFactory();
        if (value instanceof SdkPojo pojo) {
            return tree(pojo);
        } else if (value instanceof String text) {
            return nodes.textNode(text);
        } else if (value instanceof List<?> list) {
            return arrayOf(field.getTrait(ListTrait.class).memberFieldInfo(), list);
        } else if (value instanceof Map<?, ?> map) {
            return objectOf(field.getTrait(MapTrait.class).valueFieldInfo(), map);
        } else if (value instanceof Instant instant) {
            return DecimalNode.valueOf(BigDecimal.valueOf(instant.toEpochMilli(), 3));
        } else if (value instanceof Boolean flag) {
            return nodes.booleanNode(flag);
        } else if (value instanceof Integer number) {
            return nodes.numberNode(number);
        } else if (value instanceof Long number) {
            return nodes.numberNode(number);
        } else if (value instanceof Double number) {
            return nodes.numberNode(number);
        } else if (value instanceof Float number) {
            return nodes.numberNode(number);
        }
        throw new IllegalStateException("Member " + field.memberName() + " has the type "
                + value.getClass().getName() + ", which EMR's model does not use.");
    }

    private static ArrayNode arrayOf(SdkField<?> member, List<?> list) {
        ArrayNode array = MAPPER.createArrayNode();
        for (Object element : list) {
            JsonNode node = nodeOf(member, element);
            array.add(node == null ? MAPPER.nullNode() : node);
        }
        return array;
    }

    private static ObjectNode objectOf(SdkField<?> member, Map<?, ?> map) {
        ObjectNode object = MAPPER.createObjectNode();
        map.forEach((key, element) -> {
            JsonNode node = nodeOf(member, element);
            object.set(String.valueOf(key), node == null ? MAPPER.nullNode() : node);
        });
        return object;
    }

    private static @Nullable Object valueOf(SdkField<?> field, JsonNode node, String path) {
        MarshallingType<?> type = field.marshallingType();
        if (node.isNull()) {
            return null;
        } else if (type == MarshallingType.STRING) {
            return checked(node, node.isTextual(), "a string", path).textValue();
        } else if (type == MarshallingType.SDK_POJO) {
            SdkPojo builder = field.constructor().get();
            fill(node, builder, path);
            return ((SdkBuilder<?, ?>) builder).build();
        } else if (type == MarshallingType.LIST) {
            return listOf(field, checked(node, node.isArray(), "a list", path), path);
        } else if (type == MarshallingType.MAP) {
            return mapOf(field, checked(node, node.isObject(), "a map", path), path);
        } else if (type == MarshallingType.INSTANT) {
            return instantOf(
                    checked(node, node.isNumber(), "a time in epoch seconds", path)
                            .decimalValue(),
                    path);
        } else if (type == MarshallingType.BOOLEAN) {
            return checked(node, node.isBoolean(), "true or false", path).booleanValue();
        } else if (type == MarshallingType.INTEGER) {
            return checked(node, node.isIntegralNumber() && node.canConvertToInt(), "an integer", path)
                    .intValue();
        } else if (type == MarshallingType.LONG) {
            return checked(node, node.isIntegralNumber() && node.canConvertToLong(), "a long", path)
                    .longValue();
        } else if (type == MarshallingType.DOUBLE) {
            double number = checked(node, node.isNumber(), "a number", path).doubleValue();
            checked(node, Double.isFinite(number), "a number that a double can hold", path);
            return number;
        } else if (type == MarshallingType.FLOAT) {
            float number = checked(node, node.isNumber(), "a number", path).floatValue();
            checked(node, Float.isFinite(number), "a number that a float can hold", path);
            return number;
        }
        throw new IllegalStateException(
                "Member " + field.memberName() + " has a type that EMR's model does not use: " + type);
    }

    private static List<@Nullable Object> listOf(SdkField<?> field, JsonNode node, String path) {
        SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
        List<@Nullable Object> list = new ArrayList<>(node.size());
        for (JsonNode element : node) {
            list.add(valueOf(member, element, path + "/" + list.size()));
        }
        return list;
    }

    private static Map<String, @Nullable Object> mapOf(SdkField<?> field, JsonNode node, String path) {
        SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        node.properties().forEach(e -> map.put(e.getKey(), valueOf(member, e.getValue(), path + "/" + e.getKey())));
        return map;
    }

    private static Instant instantOf(BigDecimal seconds, String path) {
        if (seconds.compareTo(FIRST_SECOND) < 0 || seconds.compareTo(END_SECOND) >= 0) {
            throw new MalformedJsonException(
                    "The value at '" + path + "' is no time: it is before the year 1 or after the year 9999.");
        }
        // Number of digits and exponent may be large: only what a time can hold is calculated with.
        if (seconds.abs().compareTo(NANOSECOND) < 0) {
            return Instant.EPOCH;
        }
        BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
        long nanos = seconds.subtract(whole).movePointRight(9).longValue();
        return Instant.ofEpochSecond(whole.longValue(), nanos);
    }

    private static JsonNode checked(JsonNode node, boolean right, String wanted, String path) {
        if (!right) {
            throw wrongType(node, wanted, path);
        }
        return node;
    }

    static MalformedJsonException wrongType(JsonNode node, String wanted, String path) {
        return new MalformedJsonException("The value at '" + (path.isEmpty() ? "/" : path) + "' is of the JSON type "
                + node.getNodeType() + ", where " + wanted + " is expected.");
    }
}
