package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The operations on log groups, their retention and their tags. Thread-safe. */
final class GroupOperations {
    private static final ImmutableSet<String> CLASSES = ImmutableSet.of("STANDARD", "INFREQUENT_ACCESS", "DELIVERY");
    private static final ImmutableSet<Integer> RETENTION = ImmutableSet.of(
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653);
    private static final int MAX_TAGS = 50;
    private static final int LONGEST_KEY = 128;
    private static final int LONGEST_VALUE = 256;
    private static final int LONGEST_KMS_KEY = 256;
    private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    private final LogGroups groups;
    private final Arns arns;

    GroupOperations(LogGroups groups, Arns arns) {
        this.groups = groups;
        this.arns = arns;
    }

    void create(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String key = parameters.text("kmsKeyId").orElse(null);
        if (key != null && key.length() > LONGEST_KMS_KEY) {
            throw LogsException.constraint(
                    key, "kmsKeyId", "Member must have length less than or equal to " + LONGEST_KMS_KEY);
        }
        var unused = groups.create(new GroupSettings(
                parameters.group(),
                groups.now(),
                OptionalInt.empty(),
                key,
                parameters.oneOf("logGroupClass", CLASSES, "STANDARD"),
                parameters.flag("deletionProtectionEnabled"),
                ImmutableSortedMap.copyOf(tagged(Map.of(), parameters.map("tags")))));
    }

    void delete(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String name = parameters.group();
        if (groups.group(name).settings().deletionProtection()) {
            throw new LogsException(
                    "ValidationException", "The log group " + name + " has deletion protection enabled.");
        }
        groups.delete(name);
    }

    void describe(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        Optional<String> prefix = parameters.text("logGroupNamePrefix");
        Optional<String> pattern = parameters.text("logGroupNamePattern");
        if (prefix.isPresent() && pattern.isPresent()) {
            throw LogsException.invalid(
                    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        }
        if (prefix.isPresent()) {
            var unused = LogNames.group(prefix.get(), "logGroupNamePrefix");
        }
        ImmutableList.Builder<String> named = ImmutableList.builder();
        for (String identifier : parameters.texts("logGroupIdentifiers")) {
            named.add(Arns.group(identifier, "logGroupIdentifiers"));
        }
        ImmutableList<String> names = named.build();
        String wantedClass = parameters.has("logGroupClass") ? parameters.oneOf("logGroupClass", CLASSES, "") : "";
        ImmutableList<LogGroup> found = groups.all().stream()
                .filter(group -> prefix.isEmpty() || name(group).startsWith(prefix.get()))
                .filter(group -> pattern.isEmpty() || name(group).contains(pattern.get()))
                .filter(group -> names.isEmpty() || names.contains(name(group)))
                .filter(group -> wantedClass.isEmpty()
                        || group.settings().logGroupClass().equals(wantedClass))
                .collect(ImmutableList.toImmutableList());
        Tokens tokens = Tokens.of("groups", prefix.orElse("") + "\n" + pattern.orElse("") + "\n" + names + wantedClass);
        ArrayNode list = answer.putArray("logGroups");
        for (LogGroup group : ListPage.of(parameters, tokens, found, GroupOperations::name, answer)) {
            show(group, list.addObject());
        }
    }

    private static String name(LogGroup group) {
        return group.settings().name();
    }

    private void show(LogGroup group, ObjectNode node) throws IOException {
        GroupSettings settings = group.settings();
        node.put("logGroupName", settings.name())
                .put("creationTime", settings.creationTime())
                .put("metricFilterCount", 0)
                .put("arn", arns.groupWithStreams(settings.name()))
                .put("logGroupArn", arns.group(settings.name()))
                .put("storedBytes", group.bytes(groups.now()))
                .put("logGroupClass", settings.logGroupClass())
                .put("deletionProtectionEnabled", settings.deletionProtection());
        settings.retentionDays().ifPresent(days -> node.put("retentionInDays", days));
        if (settings.kmsKeyId() != null) {
            node.put("kmsKeyId", settings.kmsKeyId());
        }
    }

    void putRetention(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        int days = parameters.oneOf("retentionInDays", RETENTION);
        groups.group(parameters.group()).change(settings -> settings.withRetention(OptionalInt.of(days)));
    }

    void deleteRetention(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        groups.group(parameters.group()).change(settings -> settings.withRetention(OptionalInt.empty()));
    }

    void tag(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        tag(arns.named(parameters.required("resourceArn")), parameters);
    }

    /** The older form. */
    void tagGroup(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        tag(parameters.group(), parameters);
    }

    private void tag(String name, Parameters parameters) throws IOException, LogsException {
        if (!parameters.has("tags")) {
            throw Parameters.missing("tags");
        }
        LogGroup group = groups.group(name);
        synchronized (group) {
            NavigableMap<String, String> tags = tagged(group.settings().tags(), parameters.map("tags"));
            group.change(settings -> settings.withTags(tags));
        }
    }

    void untag(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        untag(arns.named(parameters.required("resourceArn")), parameters, "tagKeys");
    }

    /** The older form. */
    void untagGroup(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        untag(parameters.group(), parameters, "tags");
    }

    private void untag(String name, Parameters parameters, String member) throws IOException, LogsException {
        if (!parameters.has(member)) {
            throw Parameters.missing(member);
        }
        ImmutableList<String> keys = parameters.texts(member);
        groups.group(name).change(settings -> {
            NavigableMap<String, String> tags = new TreeMap<>(settings.tags());
            keys.forEach(tags::remove);
            return settings.withTags(tags);
        });
    }

    void listTags(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        showTags(arns.named(parameters.required("resourceArn")), answer);
    }

    /** The older form. */
    void listGroupTags(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        showTags(parameters.group(), answer);
    }

    private void showTags(String name, ObjectNode answer) throws IOException, LogsException {
        ObjectNode tags = answer.putObject("tags");
        groups.group(name).settings().tags().forEach(tags::put);
    }

    private static NavigableMap<String, String> tagged(Map<String, String> existing, JsonNode added)
            throws LogsException {
        NavigableMap<String, String> tags = new TreeMap<>(existing);
        for (Map.Entry<String, JsonNode> tag : added.properties()) {
            String key = tag.getKey();
            String value = tag.getValue().asText();
            boolean isKey = !key.isEmpty()
                    && key.length() <= LONGEST_KEY
                    && TAG.matcher(key).matches();
            if (!isKey || key.startsWith("aws:")) {
                throw LogsException.invalid("1 validation error detected: the tag key '" + key
                        + "' must have 1 to 128 letters, digits, spaces and _ . : / = + - @, and not begin with aws:");
            }
            if (value.length() > LONGEST_VALUE || !TAG.matcher(value).matches()) {
                throw LogsException.invalid("1 validation error detected: the value of the tag '" + key
                        + "' must have at most 256 letters, digits, spaces and _ . : / = + - @");
            }
            tags.put(key, value);
        }
        if (tags.size() > MAX_TAGS) {
            throw new LogsException(
                    existing.isEmpty() ? "InvalidParameterException" : "TooManyTagsException",
                    "A resource can have no more than " + MAX_TAGS + " tags.");
        }
        return tags;
    }
}
