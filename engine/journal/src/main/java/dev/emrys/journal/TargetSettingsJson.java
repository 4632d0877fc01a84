package dev.emrys.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** The settings of a run's target as the tables hold them: a JSON object of texts, or NULL for none. */
final class TargetSettingsJson {
    /** Made when it is needed: most runs have no settings. */
    private static final class Json {
        static final ObjectMapper MAPPER = new ObjectMapper();
    }

    private TargetSettingsJson() {}

    static @Nullable String write(ImmutableMap<String, String> settings) {
        if (settings.isEmpty()) {
            return null;
        }
        try {
            return Json.MAPPER.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }

    static ImmutableMap<String, String> read(@Nullable String json) {
        if (json == null) {
            return ImmutableMap.of();
        }
        try {
            return ImmutableMap.copyOf(
                    Json.MAPPER.readValue(json, new TypeReference<LinkedHashMap<String, String>>() {}));
        } catch (JsonProcessingException e) {
            throw new JournalException("The settings of a run's target cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
