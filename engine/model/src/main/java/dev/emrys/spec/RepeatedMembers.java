package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonFilter;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.ser.impl.SimpleBeanPropertyFilter;
import com.fasterxml.jackson.databind.ser.impl.SimpleFilterProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Since version 3 a step lacks the members that equal those of the step before it: the steps of a large spec differ in
 * little more than their names. Not thread-safe; for one text.
 */
final class RepeatedMembers extends SimpleBeanPropertyFilter {
    private static final int SINCE_VERSION = 3;
    private static final String NAME = "repeated-members";

    @JsonFilter(NAME)
    private interface Filtered {}

    private @Nullable Object before;
    private @Nullable Object current;

    private RepeatedMembers() {}

    /** Whether a member that is missing may be that of the step before. */
    static boolean areLeftOut(int version) {
        return version >= SINCE_VERSION;
    }

    /** @return of {@link #writer} */
    static ObjectMapper mapper(ObjectMapper complete) {
        return complete.copy().addMixIn(StepSpec.class, Filtered.class);
    }

    /** A writer of one spec. */
    static ObjectWriter writer(ObjectMapper mapper) {
        return mapper.writerFor(PipelineSpec.class)
                .with(new SimpleFilterProvider().addFilter(NAME, new RepeatedMembers()));
    }

    @Override
    public void serializeAsField(Object step, JsonGenerator to, SerializerProvider serializers, PropertyWriter member)
            throws Exception {
        if (step != current) {
            before = current;
            current = step;
        }
        BeanPropertyWriter values = (BeanPropertyWriter) member;
        if (before == null) {
            member.serializeAsField(step, to, serializers);
        } else if (!Objects.equals(values.get(before), values.get(step))) {
            if (values.get(step) == null) {
                // A member that is not written when it is null: without it, that of the step before would hold.
                to.writeNullField(member.getName());
            } else {
                member.serializeAsField(step, to, serializers);
            }
        }
    }

    /** Adds to the steps of a pipeline's tree what they lack. */
    static void addTo(ObjectNode pipeline) {
        ObjectNode last = null;
        for (JsonNode task : pipeline.path("tasks")) {
            if (task instanceof ObjectNode step && task.path("type").asText().equals("step")) {
                if (last != null) {
                    last.properties().stream()
                            .filter(member -> !step.has(member.getKey()))
                            .toList()
                            .forEach(member -> step.set(member.getKey(), member.getValue()));
                }
                last = step;
            }
        }
    }
}
