package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSortedMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a log group besides its streams.
 *
 * @param creationTime in milliseconds since 1970
 * @param retentionDays absent: events are kept for ever
 * @param kmsKeyId is shown; nothing is encrypted
 */
record GroupSettings(
        String name,
        long creationTime,
        OptionalInt retentionDays,
        @Nullable String kmsKeyId,
        String logGroupClass,
        boolean deletionProtection,
        ImmutableSortedMap<String, String> tags) {

    GroupSettings withRetention(OptionalInt days) {
        return new GroupSettings(name, creationTime, days, kmsKeyId, logGroupClass, deletionProtection, tags);
    }

    GroupSettings withTags(Map<String, String> changed) {
        return new GroupSettings(
                name,
                creationTime,
                retentionDays,
                kmsKeyId,
                logGroupClass,
                deletionProtection,
                ImmutableSortedMap.copyOf(changed));
    }

    /** Events before it are not shown. */
    long cutoff(long now) {
        return retentionDays.isEmpty()
                ? Long.MIN_VALUE
                : now - Duration.ofDays(retentionDays.getAsInt()).toMillis();
    }

    byte[] json() {
        ObjectNode node = LogLines.JSON
                .createObjectNode()
                .put("logGroupName", name)
                .put("creationTime", creationTime)
                .put("logGroupClass", logGroupClass)
                .put("deletionProtectionEnabled", deletionProtection);
        retentionDays.ifPresent(days -> node.put("retentionInDays", days));
        if (kmsKeyId != null) {
            node.put("kmsKeyId", kmsKeyId);
        }
        ObjectNode tagged = node.putObject("tags");
        tags.forEach(tagged::put);
        return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Null when it is not what {@link #json} writes. */
    static @Nullable GroupSettings read(byte[] json) {
        JsonNode node = LogLines.node(json);
        if (node == null || !LogNames.isGroup(node.path("logGroupName").asText())) {
            return null;
        }
        ImmutableSortedMap.Builder<String, String> tags = ImmutableSortedMap.naturalOrder();
        node.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return new GroupSettings(
                node.path("logGroupName").asText(),
                node.path("creationTime").asLong(),
                node.has("retentionInDays")
                        ? OptionalInt.of(node.path("retentionInDays").asInt())
                        : OptionalInt.empty(),
                node.has("kmsKeyId") ? node.path("kmsKeyId").asText() : null,
                node.path("logGroupClass").asText("STANDARD"),
                node.path("deletionProtectionEnabled").asBoolean(),
                tags.buildOrThrow());
    }
}
