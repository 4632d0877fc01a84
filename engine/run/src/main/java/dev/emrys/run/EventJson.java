package dev.emrys.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.common.collect.ImmutableMap;

/**
 * The JSON form of events: an object with its {@code type} and the record's components, instants in ISO-8601. A member that this
 * version does not know is ignored, so that a journal of a later version can still be looked at. Thread-safe.
 */
public final class EventJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();
    private static final ObjectWriter WRITER = MAPPER.writerFor(Event.class);
    private static final ObjectReader READER = MAPPER.readerFor(Event.class);

    private static final ImmutableMap<Class<?>, String> TYPES = types();

    private EventJson() {}

    private static ImmutableMap<Class<?>, String> types() {
        ImmutableMap.Builder<Class<?>, String> types = ImmutableMap.builder();
        for (JsonSubTypes.Type type : Event.class.getAnnotationsByType(JsonSubTypes.class)[0].value()) {
            types.put(type.value(), type.name());
        }
        return types.buildOrThrow();
    }

    /** The name that an event's JSON form has as its {@code type}, such as {@code run-started}. */
    public static String type(Event event) {
        String type = TYPES.get(event.getClass());
        if (type == null) {
            throw new IllegalStateException("An event has no JSON type: " + event);
        }
        return type;
    }

    public static String write(Event event) {
        try {
            return WRITER.writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An event has no JSON form: " + event, e);
        }
    }

    /** @throws IllegalArgumentException when the text is no event */
    public static Event read(String json) {
        try {
            return READER.readValue(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The text is not an event: " + e.getOriginalMessage(), e);
        }
    }
}
