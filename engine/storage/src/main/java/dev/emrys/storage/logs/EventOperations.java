package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operations on events. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html">PutLogEvents</a>
 */
final class EventOperations {
    private static final int MAX_BATCH_BYTES = 1_048_576;
    private static final long LONGEST_SPAN = Duration.ofHours(24).toMillis();
    private static final long OLDEST = Duration.ofDays(14).toMillis();
    private static final long NEWEST = Duration.ofHours(2).toMillis();
    private static final int MAX_STREAMS = 100;
    private static final Pattern TOKEN = Pattern.compile("([fb])/(\\d{1,19})/(\\d{1,19})/([se])");

    private final LogGroups groups;

    EventOperations(LogGroups groups) {
        this.groups = groups;
    }

    void put(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String name = parameters.stream();
        LogGroup group = groups.group(parameters.group());
        ImmutableList<LogEvent> events = batch(parameters.list("logEvents"));
        long now = groups.now();
        LogStream stream = group.stream(name, now);
        long cutoff = Math.max(now - OLDEST, group.settings().cutoff(now));
        int tooOld = count(events, now - OLDEST);
        int expired = count(events, cutoff);
        int tooNew = count(events, now + NEWEST + 1);
        ImmutableList<LogEvent> accepted = events.subList(expired, Math.max(expired, tooNew));
        if (!accepted.isEmpty()) {
            stream.append(accepted, now);
        }
        answer.put("nextSequenceToken", StreamOperations.SEQUENCE_TOKEN);
        if (accepted.size() < events.size()) {
            ObjectNode rejected = answer.putObject("rejectedLogEventsInfo");
            if (tooNew < events.size()) {
                rejected.put("tooNewLogEventStartIndex", tooNew);
            }
            if (tooOld > 0) {
                rejected.put("tooOldLogEventEndIndex", tooOld);
            }
            if (expired > tooOld) {
                rejected.put("expiredLogEventEndIndex", expired);
            }
        }
    }

    /** How many of the events are before the time: they are the first ones. */
    private static int count(ImmutableList<LogEvent> events, long time) {
        int count = 0;
        while (count < events.size() && events.get(count).timestamp() < time) {
            count++;
        }
        return count;
    }

    private static ImmutableList<LogEvent> batch(JsonNode nodes) throws LogsException {
        if (nodes.isMissingNode() || nodes.isNull()) {
            throw Parameters.missing("logEvents");
        }
        if (nodes.isEmpty() || nodes.size() > EventSearch.MAX_EVENTS) {
            throw LogsException.constraint(
                    "[...]",
                    "logEvents",
                    nodes.isEmpty()
                            ? "Member must have length greater than or equal to 1"
                            : "Member must have length less than or equal to " + EventSearch.MAX_EVENTS);
        }
        ImmutableList.Builder<LogEvent> events = ImmutableList.builderWithExpectedSize(nodes.size());
        long bytes = 0;
        long previous = 0;
        int number = 0;
        for (JsonNode node : nodes) {
            LogEvent event = event(node, ++number);
            bytes += LogFiles.utf8(event.message()) + LogStream.EVENT_OVERHEAD;
            if (event.timestamp() < previous) {
                throw LogsException.invalid(
                        "Log events in a single PutLogEvents request must be in chronological order.");
            }
            previous = event.timestamp();
            events.add(event);
        }
        if (bytes > MAX_BATCH_BYTES) {
            throw LogsException.invalid("Upload too large: " + bytes + " bytes exceeds limit of " + MAX_BATCH_BYTES);
        }
        ImmutableList<LogEvent> batch = events.build();
        if (previous - batch.get(0).timestamp() > LONGEST_SPAN) {
            throw LogsException.invalid(
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }
        return batch;
    }

    private static LogEvent event(JsonNode node, int number) throws LogsException {
        JsonNode timestamp = node.path("timestamp");
        JsonNode message = node.path("message");
        String member = "logEvents." + number + ".member.";
        if (timestamp.isMissingNode() || timestamp.isNull()) {
            throw Parameters.missing(member + "timestamp");
        }
        if (message.isMissingNode() || message.isNull()) {
            throw Parameters.missing(member + "message");
        }
        if (!timestamp.isIntegralNumber() || !timestamp.canConvertToLong() || !message.isTextual()) {
            throw new LogsException("SerializationException", "An event has a timestamp (an integer) and a message.");
        }
        if (timestamp.longValue() < 0) {
            throw LogsException.constraint(
                    timestamp.asText(), member + "timestamp", "Member must have value greater than or equal to 0");
        }
        if (message.textValue().isEmpty()) {
            throw LogsException.constraint(
                    "", member + "message", "Member must have length greater than or equal to 1");
        }
        return new LogEvent(timestamp.longValue(), message.textValue());
    }

    void get(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String name = parameters.stream();
        LogGroup group = groups.group(parameters.groupOrIdentifier());
        long now = groups.now();
        LogStream stream = group.stream(name, now);
        Optional<String> token = parameters.text("nextToken");
        LogPosition after = token.isPresent() ? position(token.get(), name) : null;
        boolean backwards = token.map(text -> text.startsWith("b")).orElse(!parameters.flag("startFromHead"));
        EventSearch.Page page = new EventSearch(new EventSearch.Query(
                        after,
                        Math.max(
                                parameters.time("startTime").orElse(0),
                                group.settings().cutoff(now)),
                        parameters.time("endTime").orElse(Long.MAX_VALUE),
                        parameters.limit("limit", EventSearch.MAX_EVENTS).orElse(EventSearch.MAX_EVENTS),
                        backwards,
                        message -> true))
                .search(ImmutableList.of(stream));
        ArrayNode events = answer.putArray("events");
        for (StoredEvent event : page.events()) {
            show(event, events.addObject());
        }
        // With no further event it is the token of the request, by which clients know the end.
        LogPosition none = after == null ? new LogPosition(0, name, 0) : after;
        LogPosition first =
                page.events().isEmpty() ? none : page.events().get(0).position();
        LogPosition last = page.events().isEmpty()
                ? none
                : page.events().get(page.events().size() - 1).position();
        answer.put("nextForwardToken", token("f", last));
        answer.put("nextBackwardToken", token("b", first));
    }

    private static String token(String direction, LogPosition position) {
        return String.format(Locale.ROOT, "%s/%019d/%019d/s", direction, position.timestamp(), position.offset());
    }

    private static LogPosition position(String token, String stream) throws LogsException {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            throw LogsException.badToken();
        }
        try {
            return new LogPosition(Long.parseLong(parts.group(2)), stream, Long.parseLong(parts.group(3)));
        } catch (NumberFormatException e) {
            throw LogsException.badToken();
        }
    }

    void filter(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String groupName = parameters.groupOrIdentifier();
        ImmutableList<String> names = parameters.texts("logStreamNames");
        Optional<String> prefix = parameters.text("logStreamNamePrefix");
        if (!names.isEmpty() && prefix.isPresent()) {
            throw LogsException.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
        }
        if (names.size() > MAX_STREAMS) {
            throw LogsException.constraint(
                    "[...]", "logStreamNames", "Member must have length less than or equal to " + MAX_STREAMS);
        }
        if (prefix.isPresent()) {
            var unused = LogNames.stream(prefix.get(), "logStreamNamePrefix");
        }
        String pattern = parameters.text("filterPattern").orElse("");
        FilterPattern filter = FilterPattern.of(pattern);
        long start = parameters.time("startTime").orElse(0);
        long end = parameters.time("endTime").orElse(Long.MAX_VALUE - 1);
        if (start > end) {
            throw LogsException.invalid("startTime must be less than or equal to endTime.");
        }
        LogGroup group = groups.group(groupName);
        long now = groups.now();
        Tokens tokens = Tokens.of(
                "events",
                groupName + "\n" + names + "\n" + prefix.orElse("") + "\n" + pattern + "\n" + start + "-" + end);
        Optional<String> token = parameters.text("nextToken");
        EventSearch.Page page = new EventSearch(new EventSearch.Query(
                        token.isPresent() ? tokens.read(token.get()) : null,
                        Math.max(start, group.settings().cutoff(now)),
                        // This operation includes its end, GetLogEvents does not.
                        Math.min(end, Long.MAX_VALUE - 1) + 1,
                        parameters.limit("limit", EventSearch.MAX_EVENTS).orElse(EventSearch.MAX_EVENTS),
                        false,
                        filter))
                .search(streams(group, names, prefix.orElse(""), now));
        ArrayNode events = answer.putArray("events");
        for (StoredEvent event : page.events()) {
            ObjectNode node = events.addObject().put("logStreamName", event.position().stream());
            show(event, node);
            node.put("eventId", id(event.position()));
        }
        // As the service does since 2020.
        answer.putArray("searchedLogStreams");
        page.next().ifPresent(next -> answer.put("nextToken", tokens.write(next)));
    }

    private static ImmutableList<LogStream> streams(
            LogGroup group, ImmutableList<String> names, String prefix, long now) throws IOException, LogsException {
        if (names.isEmpty()) {
            return group.streams(prefix, now);
        }
        ImmutableList.Builder<LogStream> streams = ImmutableList.builder();
        for (String name : names) {
            streams.add(group.stream(LogNames.stream(name, "logStreamNames"), now));
        }
        return streams.build();
    }

    private static void show(StoredEvent event, ObjectNode node) {
        node.put("timestamp", event.timestamp())
                .put("message", event.message())
                .put("ingestionTime", event.ingestionTime());
    }

    /** 56 digits, as those of the service. */
    private static String id(LogPosition position) {
        long stream = Hashing.sha256()
                        .hashString(position.stream(), StandardCharsets.UTF_8)
                        .asLong()
                & Long.MAX_VALUE;
        return String.format(Locale.ROOT, "%019d%019d%018d", position.timestamp(), stream, position.offset());
    }
}
