package dev.emrys.run;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.spec.FailureCause;
import java.util.Objects;
import java.util.Optional;

/**
 * The JSON form of events: an object with its version {@code v}, its {@code type} and the record's components, instants
 * in ISO-8601. Version 1 had no {@code v}; every earlier version is read through {@link EventUpcasters}. A member that
 * this version does not know is ignored, so that a journal of a later version can still be read. Thread-safe.
 */
public final class EventJson {
    /** The version that {@link #write} produces. */
    public static final int VERSION = EventUpcasters.newest();

    private static final String PREFIX = "{\"v\":" + VERSION + ",";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            // The cause of a failure that a later version knows.
            .withConfigOverride(
                    FailureCause.class,
                    override -> override.setFormat(
                            JsonFormat.Value.empty().withFeature(JsonFormat.Feature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)))
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();
    private static final ObjectReader READER = MAPPER.readerFor(Event.class);
    private static final ImmutableMap<Class<?>, String> TYPES = types();

    private EventJson() {}

    private static ImmutableMap<Class<?>, String> types() {
        ImmutableMap.Builder<Class<?>, String> types = ImmutableMap.builder();
        JsonSubTypes declared = Objects.requireNonNull(Event.class.getAnnotation(JsonSubTypes.class));
        for (JsonSubTypes.Type type : declared.value()) {
            types.put(type.value(), type.name());
        }
        return types.buildOrThrow();
    }

    /** The name of the event's type in JSON, such as {@code attempt-failed}. */
    public static String type(Event event) {
        return Objects.requireNonNull(TYPES.get(event.getClass()), "An event type has no JSON name");
    }

    public static String write(Event event) {
        return EventJsonWriter.write(event, type(event));
    }

    /** @throws IllegalArgumentException when the text is no event */
    public static Event read(String json) {
        try {
            if (!json.startsWith(PREFIX)) {
                return readEarlier(json);
            }
            Event event = EventReader.read(json);
            return event == null ? READER.readValue(json) : event;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The text is not an event: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads events that follow each other in one text, which costs much less than {@link #read} of each. Only the form
     * that {@link #write} gives is read.
     *
     * @param json in UTF-8, with white space between the events
     * @param count how many events there are
     * @return empty when one of them has another form, which {@link #read} may know; or when there are more or fewer
     */
    public static Optional<ImmutableList<Event>> readAll(byte[] json, int count) {
        return Optional.ofNullable(EventReader.readAll(json, count));
    }

    private static Event readEarlier(String json) throws JsonProcessingException {
        JsonNode tree = MAPPER.readTree(json);
        if (!(tree instanceof ObjectNode event)) {
            throw new IllegalArgumentException("The text is not an event: it is not a JSON object.");
        }
        int version = event.path("v").asInt(1);
        if (version < VERSION) {
            EventUpcasters.upcast(event, Math.max(1, version));
        }
        return MAPPER.treeToValue(tree, Event.class);
    }
}
