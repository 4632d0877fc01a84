package dev.emrys.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spec of a new version without a tree of the whole text, which would take many times the memory of the spec:
 * of a large spec nearly everything are its steps. Equal values, such as retry policies, become one value. Only the
 * form that {@link SpecJson#write} gives is read: any other is left to the caller. Not thread-safe.
 */
final class SpecReader {
    /** A form that is not read here: it may be right. */
    static final class OtherFormException extends RuntimeException {
        OtherFormException() {
            super(null, null, false, false);
        }
    }

    /** Bounds what is remembered of values that are all different. */
    private static final int MAX_KNOWN = 4_096;

    private final ObjectMapper mapper;
    private final JsonParser in;
    private final byte[] source;
    private final Map<Object, Object> known = new HashMap<>();
    private final Map<String, Duration> durations = new HashMap<>();
    /** By hash; a text replaces another of the same place. */
    private final @Nullable String[] texts = new @Nullable String[MAX_KNOWN];

    private final Repeated<HadoopJarStep> jarSteps = new Repeated<>();
    private final Repeated<RetryPolicy> retries = new Repeated<>();
    private final Repeated<SourceLocation> locations = new Repeated<>();

    private boolean areMembersLeftOut;
    /** Null when each step has all its members. */
    private @Nullable StepSpec stepBefore;

    /** @param source what {@code in} reads */
    SpecReader(ObjectMapper mapper, JsonParser in, byte[] source) {
        this.mapper = mapper;
        this.in = in;
        this.source = source;
    }

    /** The last value of one member, and where its text is: the same member of many steps has the same text. */
    private static final class Repeated<T> {
        private int from;
        private int length;
        private @Nullable T value;
    }

    /** Reads an object, or skips its text where that is the one that was read last. */
    private <T> T repeated(Repeated<T> last, ElementReader<T> object) throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        int from = (int) in.currentTokenLocation().getByteOffset();
        T same = last.value;
        if (same != null
                && from + last.length <= source.length
                && Arrays.equals(source, from, from + last.length, source, last.from, last.from + last.length)) {
            in.skipChildren();
            return same;
        }
        T read = object.read();
        last.from = from;
        last.length = (int) in.currentLocation().getByteOffset() - from;
        last.value = read;
        return read;
    }

    /**
     * Reads a version from {@code first} to {@code last}.
     *
     * @throws OtherFormException when the text has another form, or another version
     */
    PipelineSpec read(int first, int last) throws IOException {
        expect(in.nextToken() == JsonToken.START_OBJECT);
        expect("emrysSpec".equals(in.nextFieldName()));
        int version = in.nextIntValue(-1);
        expect(version >= first && version <= last);
        areMembersLeftOut = RepeatedMembers.areLeftOut(version);
        expect("pipeline".equals(in.nextFieldName()) && in.nextToken() == JsonToken.START_OBJECT);
        ObjectNode rest = mapper.createObjectNode();
        ImmutableList<TaskSpec> tasks = null;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            if (name.equals("tasks")) {
                tasks = list(this::task);
            } else {
                rest.set(name, mapper.readTree(in));
            }
        }
        expect(in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == JsonToken.END_OBJECT);
        expect(in.nextToken() == null);
        SpecDefaults.fill(rest);
        PipelineSpec spec = mapper.treeToValue(rest, PipelineSpec.class);
        return new PipelineSpec(
                spec.name(),
                spec.description(),
                spec.params(),
                spec.clusters(),
                required(tasks),
                spec.location(),
                spec.budget(),
                spec.existingClusters());
    }

    private static void expect(boolean expected) {
        if (!expected) {
            throw new OtherFormException();
        }
    }

    private static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new OtherFormException();
        }
        return value;
    }

    private interface ElementReader<T> {
        T read() throws IOException;
    }

    /** The current token is the first of the list. */
    private <T> ImmutableList<T> list(ElementReader<T> element) throws IOException {
        expect(in.currentToken() == JsonToken.START_ARRAY);
        if (in.nextToken() == JsonToken.END_ARRAY) {
            return ImmutableList.of();
        }
        ImmutableList.Builder<T> list = ImmutableList.builder();
        while (in.currentToken() != JsonToken.END_ARRAY) {
            list.add(element.read());
            in.nextToken();
        }
        return list.build();
    }

    /** Each of these reads a value whose first token is the current one, and leaves its last one as the current one. */
    private TaskSpec task() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT && "type".equals(in.nextFieldName()));
        in.nextToken();
        String type = text();
        if (type.equals("step")) {
            return step();
        }
        ObjectNode other = mapper.createObjectNode().put("type", type);
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            other.set(name, mapper.readTree(in));
        }
        SpecDefaults.fillTask(other);
        return mapper.treeToValue(other, TaskSpec.class);
    }

    private StepSpec step() throws IOException {
        StepSpec before = stepBefore;
        String stepName = before == null ? null : before.name();
        String cluster = before == null ? null : before.cluster();
        StepKind kind = before == null ? null : before.kind();
        HadoopJarStep jarStep = before == null ? null : before.jarStep();
        ImmutableList<String> after = before == null ? null : before.after();
        RetryPolicy retry = before == null ? null : before.retry();
        Duration timeout = before == null ? null : before.timeout();
        SourceLocation location = before == null ? null : before.location();
        StepLogs logs = before == null ? null : before.logs();
        String runtimeRole = before == null ? null : before.runtimeRole();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "name" -> stepName = text();
                case "cluster" -> cluster = text();
                case "kind" -> kind = constant(StepKind::valueOf);
                case "jarStep" -> jarStep = repeated(jarSteps, this::jarStep);
                case "after" -> after = list(this::text);
                case "retry" -> retry = repeated(retries, this::retry);
                case "timeout" -> timeout = isNull() ? null : duration();
                case "location" -> location = repeated(locations, this::location);
                case "logs" -> logs = isNull() ? null : logs();
                case "runtimeRole" -> runtimeRole = isNull() ? null : text();
                default -> throw new OtherFormException();
            }
        }
        StepSpec step = new StepSpec(
                required(stepName),
                required(cluster),
                required(kind),
                required(jarStep),
                required(after),
                required(retry),
                timeout,
                required(location),
                logs,
                runtimeRole);
        if (areMembersLeftOut) {
            stepBefore = step;
        }
        return step;
    }

    private StepLogs logs() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        String uri = null;
        String key = null;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "uri" -> uri = isNull() ? null : text();
                case "encryptionKeyArn" -> key = isNull() ? null : text();
                default -> throw new OtherFormException();
            }
        }
        return one(new StepLogs(uri, key));
    }

    private HadoopJarStep jarStep() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        String jar = null;
        String mainClass = null;
        ImmutableList<String> args = null;
        ImmutableMap<String, String> properties = null;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "jar" -> jar = text();
                case "mainClass" -> mainClass = isNull() ? null : text();
                case "args" -> args = list(this::text);
                case "properties" -> properties = properties();
                default -> throw new OtherFormException();
            }
        }
        return new HadoopJarStep(required(jar), mainClass, required(args), required(properties));
    }

    private ImmutableMap<String, String> properties() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        ImmutableMap.Builder<String, String> properties = ImmutableMap.builder();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            properties.put(name, text());
        }
        return properties.buildKeepingLast();
    }

    private RetryPolicy retry() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        int attempts = -1;
        Backoff backoff = null;
        ImmutableList<FailureKind> on = null;
        ImmutableMap<FailureCause, Integer> limits = ImmutableMap.of();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "attempts" -> attempts = number();
                case "backoff" -> backoff = backoff();
                case "on" -> on = list(() -> constant(FailureKind::valueOf));
                case "limits" -> limits = limits();
                default -> throw new OtherFormException();
            }
        }
        expect(attempts >= 0);
        return one(new RetryPolicy(attempts, required(backoff), ImmutableSet.copyOf(required(on)), limits));
    }

    private ImmutableMap<FailureCause, Integer> limits() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        ImmutableMap.Builder<FailureCause, Integer> limits = ImmutableMap.builder();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            limits.put(constant(name, FailureCause::valueOf), number());
        }
        return limits.buildKeepingLast();
    }

    private Backoff backoff() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        Duration initial = null;
        double factor = Double.NaN;
        Duration max = null;
        double jitter = Double.NaN;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "initial" -> initial = duration();
                case "factor" -> factor = decimal();
                case "max" -> max = duration();
                case "jitter" -> jitter = decimal();
                default -> throw new OtherFormException();
            }
        }
        expect(!Double.isNaN(factor) && !Double.isNaN(jitter));
        return one(new Backoff(required(initial), factor, required(max), jitter));
    }

    private SourceLocation location() throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT);
        String file = null;
        int line = -1;
        int column = -1;
        SourceLocation calledFrom = null;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            switch (name) {
                case "file" -> file = text();
                case "line" -> line = number();
                case "column" -> column = number();
                case "calledFrom" -> calledFrom = isNull() ? null : location();
                default -> throw new OtherFormException();
            }
        }
        expect(line >= 0 && column >= 0);
        return one(new SourceLocation(required(file), line, column, calledFrom));
    }

    private boolean isNull() {
        return in.currentToken() == JsonToken.VALUE_NULL;
    }

    private String text() throws IOException {
        expect(in.currentToken() == JsonToken.VALUE_STRING);
        String text = in.getText();
        int place = text.hashCode() & (MAX_KNOWN - 1);
        String same = texts[place];
        if (text.equals(same)) {
            return same;
        }
        texts[place] = text;
        return text;
    }

    private int number() throws IOException {
        expect(in.currentToken() == JsonToken.VALUE_NUMBER_INT);
        return in.getIntValue();
    }

    private double decimal() throws IOException {
        expect(in.currentToken() == JsonToken.VALUE_NUMBER_FLOAT || in.currentToken() == JsonToken.VALUE_NUMBER_INT);
        return in.getDoubleValue();
    }

    private <E extends Enum<E>> E constant(Function<String, E> valueOf) throws IOException {
        return constant(text(), valueOf);
    }

    private static <E extends Enum<E>> E constant(String name, Function<String, E> valueOf) throws IOException {
        try {
            return valueOf.apply(name);
        } catch (IllegalArgumentException e) {
            throw new OtherFormException();
        }
    }

    private Duration duration() throws IOException {
        String text = text();
        Duration same = durations.get(text);
        if (same != null) {
            return same;
        }
        try {
            Duration parsed = Duration.parse(text);
            if (durations.size() < MAX_KNOWN) {
                durations.put(text, parsed);
            }
            return parsed;
        } catch (DateTimeException e) {
            throw new OtherFormException();
        }
    }

    /** The first value that is equal to this one. */
    @SuppressWarnings("unchecked") // Equal records are of one class.
    private <T> T one(T value) {
        Object same = known.get(value);
        if (same == null) {
            if (known.size() < MAX_KNOWN) {
                known.put(value, value);
            }
            return value;
        }
        return (T) same;
    }
}
