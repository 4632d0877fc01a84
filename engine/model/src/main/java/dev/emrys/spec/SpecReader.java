package dev.emrys.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spec of the newest version without a tree of the whole text, which would take many times the memory of the spec: of a large spec
 * nearly everything are its steps. Equal values, such as retry policies, become one value. Only exactly the form that {@link SpecJson#write}
 * gives is read: any other is left to the caller. Not thread-safe.
 */
final class SpecReader {
    /** Bounds what is remembered of values that are all different. */
    private static final int MAX_KNOWN = 4_096;

    private final ObjectMapper mapper;
    private final JsonText in;
    private final Map<SourceLocation, SourceLocation> locations = new HashMap<>();
    /** By hash; a text replaces another of the same place. */
    private final @Nullable String[] texts = new @Nullable String[MAX_KNOWN];

    private @Nullable RetryPolicy lastRetry;
    private String lastRetryText = "";

    SpecReader(ObjectMapper mapper, String json) {
        this.mapper = mapper;
        this.in = new JsonText(json);
    }

    /**
     * @throws JsonText.OtherFormException when the text has another form, or another version
     * @throws JsonProcessingException when it is wrong in a part that is read by the library
     */
    PipelineSpec read(int version) throws JsonProcessingException {
        in.expect("{\"emrysSpec\":" + version + ",\"pipeline\":{");
        int from = in.position();
        in.expect("\"name\":");
        in.text();
        in.expect(",\"description\":");
        var unused = textOrNull();
        in.expect(",\"params\":");
        in.value();
        in.expect(",\"clusters\":");
        in.value();
        JsonNode rest = mapper.readTree("{" + in.since(from) + "}");
        in.expect(",\"tasks\":[");
        ImmutableList.Builder<TaskSpec> tasks = ImmutableList.builder();
        if (!in.take("]")) {
            do {
                tasks.add(task());
            } while (in.take(","));
            in.expect("]");
        }
        in.expect(",\"location\":");
        SourceLocation location = location();
        in.expect("}}");
        in.expectEnd();
        SpecDefaults.fill((ObjectNode) rest);
        PipelineSpec spec = mapper.treeToValue(rest, PipelineSpec.class);
        return new PipelineSpec(
                spec.name(), spec.description(), spec.params(), spec.clusters(), tasks.build(), location);
    }

    private TaskSpec task() throws JsonProcessingException {
        if (in.take("{\"type\":\"step\",\"name\":")) {
            return step();
        }
        JsonNode task = mapper.readTree(in.value());
        SpecDefaults.fillTask(task);
        return mapper.treeToValue(task, TaskSpec.class);
    }

    private StepSpec step() {
        String name = text();
        in.expect(",\"cluster\":");
        String cluster = text();
        in.expect(",\"kind\":");
        StepKind kind = constant(StepKind::valueOf);
        in.expect(",\"jarStep\":");
        HadoopJarStep jarStep = jarStep();
        in.expect(",\"after\":");
        ImmutableList<String> after = list(this::text);
        in.expect(",\"retry\":");
        RetryPolicy retry = retry();
        in.expect(",\"timeout\":");
        Duration timeout = in.take("null") ? null : duration();
        in.expect(",\"location\":");
        SourceLocation location = location();
        in.expect("}");
        return new StepSpec(name, cluster, kind, jarStep, after, retry, timeout, location);
    }

    private HadoopJarStep jarStep() {
        in.expect("{\"jar\":");
        String jar = text();
        in.expect(",\"mainClass\":");
        String mainClass = textOrNull();
        in.expect(",\"args\":");
        ImmutableList<String> args = list(this::text);
        in.expect(",\"properties\":");
        ImmutableMap<String, String> properties = properties();
        in.expect("}");
        return new HadoopJarStep(jar, mainClass, args, properties);
    }

    private ImmutableMap<String, String> properties() {
        if (in.take("{}")) {
            return ImmutableMap.of();
        }
        in.expect("{");
        ImmutableMap.Builder<String, String> properties = ImmutableMap.builder();
        do {
            String name = text();
            in.expect(":");
            properties.put(name, text());
        } while (in.take(","));
        in.expect("}");
        return properties.buildKeepingLast();
    }

    /** Most tasks have the same policy as the one before, written in the same way. */
    private RetryPolicy retry() {
        RetryPolicy last = lastRetry;
        if (last != null && in.take(lastRetryText)) {
            return last;
        }
        int from = in.position();
        in.expect("{\"attempts\":");
        int attempts = in.number();
        in.expect(",\"backoff\":{\"initial\":");
        Duration initial = duration();
        in.expect(",\"factor\":");
        double factor = in.decimal();
        in.expect(",\"max\":");
        Duration max = duration();
        in.expect(",\"jitter\":");
        double jitter = in.decimal();
        in.expect("},\"on\":");
        ImmutableList<FailureKind> on = list(() -> constant(FailureKind::valueOf));
        in.expect("}");
        RetryPolicy retry =
                new RetryPolicy(attempts, new Backoff(initial, factor, max, jitter), ImmutableSet.copyOf(on));
        lastRetry = retry;
        lastRetryText = in.since(from);
        return retry;
    }

    private SourceLocation location() {
        in.expect("{\"file\":");
        String file = text();
        in.expect(",\"line\":");
        int line = in.number();
        in.expect(",\"column\":");
        int column = in.number();
        SourceLocation calledFrom = in.take(",\"calledFrom\":") ? location() : null;
        in.expect("}");
        SourceLocation location = new SourceLocation(file, line, column, calledFrom);
        SourceLocation same = locations.get(location);
        if (same != null) {
            return same;
        }
        if (locations.size() < MAX_KNOWN) {
            locations.put(location, location);
        }
        return location;
    }

    private <T> ImmutableList<T> list(Supplier<T> element) {
        if (in.take("[]")) {
            return ImmutableList.of();
        }
        in.expect("[");
        ImmutableList.Builder<T> list = ImmutableList.builder();
        do {
            list.add(element.get());
        } while (in.take(","));
        in.expect("]");
        return list.build();
    }

    private @Nullable String textOrNull() {
        return in.take("null") ? null : text();
    }

    private String text() {
        String text = in.text();
        int place = text.hashCode() & (MAX_KNOWN - 1);
        String same = texts[place];
        if (text.equals(same)) {
            return same;
        }
        texts[place] = text;
        return text;
    }

    private <E extends Enum<E>> E constant(Function<String, E> valueOf) {
        try {
            return valueOf.apply(text());
        } catch (IllegalArgumentException e) {
            throw new JsonText.OtherFormException();
        }
    }

    private Duration duration() {
        try {
            return Duration.parse(text());
        } catch (DateTimeException e) {
            throw new JsonText.OtherFormException();
        }
    }
}
