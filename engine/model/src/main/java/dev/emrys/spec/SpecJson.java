package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.guava.GuavaModule;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * The JSON form of a spec: {@code {"emrysSpec": 3, "pipeline": {…}}}. Member names are the record components' names,
 * durations are ISO-8601. A version that was released is never changed, only followed by another; every earlier one is
 * read through {@link SpecUpcasters}. A member that is missing is that of the step before ({@link RepeatedMembers}), or
 * has a default ({@link SpecDefaults}). Thread-safe.
 */
public final class SpecJson {
    /** The version that {@link #write} produces. */
    public static final int VERSION = SpecUpcasters.newest();

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new GuavaModule())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
            .build();

    /** The newest version whose steps have all members. */
    private static final int COMPLETE_VERSION = 2;

    /** A run does not need it: a writer examines the classes of a spec when it is made. */
    private static final class Complete {
        static final ObjectWriter WRITER = MAPPER.writerFor(PipelineSpec.class);
    }

    /** A command that only plans does not need it. */
    private static final class Stored {
        static final ObjectMapper MAPPER = RepeatedMembers.mapper(SpecJson.MAPPER);
    }

    private SpecJson() {}

    /** The form that is stored. */
    public static String write(PipelineSpec spec) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = MAPPER.createGenerator(text)) {
            out.writeStartObject();
            writeMembers(VERSION, spec, RepeatedMembers.writer(Stored.MAPPER), out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("A spec has no JSON form", e);
        }
        return text.toString();
    }

    /** Writes the members of a form in which every step has all its members, into the object that is open. */
    public static void writeMembers(PipelineSpec spec, JsonGenerator out) throws IOException {
        writeMembers(COMPLETE_VERSION, spec, Complete.WRITER, out);
    }

    private static void writeMembers(int version, PipelineSpec spec, ObjectWriter writer, JsonGenerator out)
            throws IOException {
        out.writeNumberField("emrysSpec", version);
        out.writeFieldName("pipeline");
        writer.writeValue(out, spec);
    }

    /** @throws IllegalArgumentException when the text is not a spec, or one of a later Emrys */
    public static PipelineSpec read(String json) {
        return read(json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * As {@link #read(String)}, which copies the text.
     *
     * @param json in UTF-8
     */
    public static PipelineSpec read(byte[] json) {
        try (JsonParser in = MAPPER.createParser(json)) {
            return new SpecReader(MAPPER, in, json).read(COMPLETE_VERSION, VERSION);
        } catch (SpecReader.OtherFormException | IOException e) {
            // An earlier version, or a member that is missing, or a mistake: the tree gives the defaults and the
            // messages.
            return readTree(json);
        }
    }

    private static PipelineSpec readTree(byte[] json) {
        try {
            JsonNode root = MAPPER.readTree(json);
            if (!root.path("emrysSpec").isInt()) {
                throw new IllegalArgumentException("The text is not the JSON form of a spec: it has no \"emrysSpec\".");
            }
            int version = root.path("emrysSpec").intValue();
            if (version < 1 || version > VERSION) {
                throw new IllegalArgumentException(
                        "The spec has version " + version + "; this Emrys reads versions 1 to " + VERSION + ".");
            }
            if (!(root.path("pipeline") instanceof ObjectNode pipeline)) {
                throw new IllegalArgumentException("The text is not the JSON form of a spec: it has no \"pipeline\".");
            }
            SpecUpcasters.upcast(pipeline, version);
            if (RepeatedMembers.areLeftOut(version)) {
                RepeatedMembers.addTo(pipeline);
            }
            SpecDefaults.fill(pipeline);
            return MAPPER.treeToValue(pipeline, PipelineSpec.class);
        } catch (JsonProcessingException e) {
            throw notASpec(e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw notASpec(String.valueOf(e.getMessage()), e);
        }
    }

    private static IllegalArgumentException notASpec(String why, IOException cause) {
        return new IllegalArgumentException("The text is not the JSON form of a spec: " + why, cause);
    }
}
