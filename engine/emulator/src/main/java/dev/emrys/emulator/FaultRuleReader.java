package dev.emrys.emulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.FaultRule.Effect;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;

/**
 * Reads fault rules from JSON, and refuses every member that it does not know. Errors name a place by its JSON pointer
 * (RFC 6901).
 */
final class FaultRuleReader {
    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final ImmutableSet<String> EVERY_RULE =
            ImmutableSet.of("kind", "count", "skip", "probability", "seed");

    /** By kind: its members beside those of every rule. */
    private static final ImmutableMap<String, ImmutableSet<String>> KINDS =
            ImmutableMap.<String, ImmutableSet<String>>builder()
                    .put("throttle", ImmutableSet.of("operation"))
                    .put("internalError", ImmutableSet.of("operation"))
                    .put("replyLost", ImmutableSet.of("operation"))
                    .put("slow", ImmutableSet.of("operation", "seconds"))
                    .put("refuse", ImmutableSet.of("operation", "code", "message"))
                    .put("bootstrapFailure", ImmutableSet.of("action"))
                    .put("insufficientCapacity", ImmutableSet.of())
                    .put("spotInterruption", ImmutableSet.of("role", "afterSeconds", "replacedAfterSeconds"))
                    .put("instanceLoss", ImmutableSet.of("role", "afterSeconds", "replacedAfterSeconds"))
                    .buildOrThrow();

    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(86_400);

    /** A slow call holds a thread of the endpoint. */
    private static final BigDecimal MAX_SLOW_SECONDS = BigDecimal.valueOf(600);

    private static final int MAX_ACTION = 16;
    private static final Duration REPLACED_AFTER = Duration.ofMinutes(2);

    ImmutableList<FaultRule> rules(String json) {
        JsonNode tree = parse(json);
        checkObject(tree, "", ImmutableSet.of("seed", "rules"));
        long seed = integer(tree, "", "seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
        JsonNode rules = tree.get("rules");
        if (rules == null || !rules.isArray()) {
            throw error("/rules", "must be an array of rules");
        }
        ImmutableList.Builder<FaultRule> read = ImmutableList.builder();
        for (int i = 0; i < rules.size(); i++) {
            read.add(rule(rules.get(i), "/rules/" + i, seed));
        }
        return read.build();
    }

    private static JsonNode parse(String json) {
        try {
            return STRICT.readTree(json);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new MalformedJsonException("line " + (at == null ? 1 : at.getLineNr()) + ", column "
                    + (at == null ? 1 : at.getColumnNr()) + ": " + reason(e));
        }
    }

    /** Without the part in which Jackson quotes the text. */
    private static String reason(JsonProcessingException e) {
        String message = e.getOriginalMessage();
        int quote = message.indexOf(" (for ");
        return quote < 0 ? message : message.substring(0, quote);
    }

    private static FaultRule rule(JsonNode rule, String at, long seed) {
        if (!rule.isObject()) {
            throw error(at, "must be an object");
        }
        String kind = text(rule, at, "kind", null);
        ImmutableSet<String> own = KINDS.get(kind);
        if (own == null) {
            throw error(at + "/kind", "is '" + kind + "': write one of " + list(KINDS.keySet()));
        }
        checkObject(
                rule,
                at,
                ImmutableSet.<String>builder().addAll(EVERY_RULE).addAll(own).build());
        return new FaultRule(
                effect(kind, rule, at),
                integer(rule, at, "skip", 0, 0, Long.MAX_VALUE),
                rule.has("count") ? integer(rule, at, "count", 0, 1, Long.MAX_VALUE) : null,
                probability(rule, at),
                integer(rule, at, "seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
                (ObjectNode) rule);
    }

    private static Effect effect(String kind, JsonNode rule, String at) {
        return switch (kind) {
            case "bootstrapFailure" ->
                new Effect.BootstrapFailure(
                        rule.has("action") ? (int) integer(rule, at, "action", 1, 1, MAX_ACTION) : null);
            case "insufficientCapacity" -> new Effect.InsufficientCapacity();
            case "spotInterruption", "instanceLoss" ->
                new Effect.InstanceLoss(
                        kind.equals("spotInterruption"),
                        role(rule, at),
                        rule.has("afterSeconds") ? seconds(rule, at, "afterSeconds", MAX_SECONDS) : Duration.ZERO,
                        rule.has("replacedAfterSeconds")
                                ? seconds(rule, at, "replacedAfterSeconds", MAX_SECONDS)
                                : REPLACED_AFTER);
            default -> new Effect.OfCall(operation(rule, at), fault(kind, rule, at));
        };
    }

    private static Fault fault(String kind, JsonNode rule, String at) {
        return switch (kind) {
            case "throttle" -> new Fault.Throttle();
            case "internalError" -> new Fault.ErrorBefore();
            case "replyLost" -> new Fault.ErrorAfter();
            case "slow" -> new Fault.Slow(seconds(rule, at, "seconds", MAX_SLOW_SECONDS));
            default -> new Fault.Refuse(text(rule, at, "code", "ValidationException"), text(rule, at, "message", null));
        };
    }

    private static String operation(JsonNode rule, String at) {
        String operation = text(rule, at, "operation", "*");
        if (!operation.equals("*") && !Constraints.isOperation(operation)) {
            throw error(at + "/operation", "is '" + operation + "', which is no operation of EMR; * stands for all");
        }
        return operation;
    }

    private static @Nullable InstanceRoleType role(JsonNode rule, String at) {
        if (!rule.has("role")) {
            return null;
        }
        InstanceRoleType role = InstanceRoleType.fromValue(text(rule, at, "role", null));
        if (role == InstanceRoleType.UNKNOWN_TO_SDK_VERSION) {
            throw error(at + "/role", "must be MASTER, CORE or TASK");
        }
        return role;
    }

    private static Duration seconds(JsonNode rule, String at, String member, BigDecimal max) {
        BigDecimal seconds = rule.path(member).decimalValue();
        if (!rule.path(member).isNumber() || seconds.signum() < 0 || seconds.compareTo(max) > 0) {
            throw error(at + "/" + member, "must be a number from 0 to " + max);
        }
        return Duration.ofMillis(seconds.movePointRight(3).longValue());
    }

    private static double probability(JsonNode rule, String at) {
        JsonNode value = rule.get("probability");
        if (value == null) {
            return 1;
        } else if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() > 1) {
            throw error(at + "/probability", "must be a number from 0 to 1");
        }
        return value.doubleValue();
    }

    private static long integer(JsonNode object, String at, String member, long absent, long min, long max) {
        JsonNode value = object.get(member);
        if (value == null) {
            return absent;
        } else if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            throw error(
                    at + "/" + member,
                    "must be a whole number" + (min > Long.MIN_VALUE ? " from " + min : "")
                            + (max < Long.MAX_VALUE ? " to " + max : ""));
        }
        return value.longValue();
    }

    private static String text(JsonNode object, String at, String member, @Nullable String absent) {
        JsonNode value = object.get(member);
        if (value == null && absent != null) {
            return absent;
        } else if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw error(at + "/" + member, value == null ? "is missing" : "must be a text");
        }
        return value.textValue();
    }

    private static void checkObject(JsonNode node, String at, ImmutableSet<String> members) {
        if (!node.isObject()) {
            throw error(at, "must be an object with the member rules");
        }
        for (String member : ImmutableList.copyOf(node.fieldNames())) {
            if (!members.contains(member)) {
                throw error(
                        at + "/" + member.replace("~", "~0").replace("/", "~1"),
                        "is not known here: write one of " + list(members));
            }
        }
    }

    private static String list(ImmutableSet<String> words) {
        return Joiner.on(", ").join(words);
    }

    private static MalformedJsonException error(String pointer, String what) {
        return new MalformedJsonException((pointer.isEmpty() ? "The document" : pointer) + " " + what + ".");
    }
}
