package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.Comparator;

/** The operations on log streams. Thread-safe. */
final class StreamOperations {
    private static final ImmutableSet<String> ORDERS = ImmutableSet.of("LogStreamName", "LastEventTime");

    /** No writer needs it any more; clients may read it. */
    static final String SEQUENCE_TOKEN = "49039859568467580848108560352130590166567303028591131330";

    private final LogGroups groups;
    private final Arns arns;

    StreamOperations(LogGroups groups, Arns arns) {
        this.groups = groups;
        this.arns = arns;
    }

    void create(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String stream = parameters.stream();
        var unused = groups.group(parameters.group()).createStream(stream, groups.now());
    }

    void delete(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String stream = parameters.stream();
        groups.group(parameters.group()).deleteStream(stream, groups.now());
    }

    void describe(Parameters parameters, ObjectNode answer) throws IOException, LogsException {
        String group = parameters.groupOrIdentifier();
        String prefix = parameters.text("logStreamNamePrefix").orElse("");
        if (parameters.has("logStreamNamePrefix")) {
            var unused = LogNames.stream(prefix, "logStreamNamePrefix");
        }
        boolean byTime = parameters.oneOf("orderBy", ORDERS, "LogStreamName").equals("LastEventTime");
        boolean descending = parameters.flag("descending");
        if (byTime && !prefix.isEmpty()) {
            throw LogsException.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }
        ImmutableList<LogStream> streams = groups.group(group).streams(prefix, groups.now());
        if (byTime) {
            streams = ImmutableList.sortedCopyOf(
                    Comparator.comparingLong(
                                    (LogStream stream) -> stream.lastTimestamp().orElse(0))
                            .thenComparing(LogStream::name),
                    streams);
        }
        if (descending) {
            streams = streams.reverse();
        }
        Tokens tokens = Tokens.of("streams", group + "\n" + byTime + descending + "\n" + prefix);
        ArrayNode list = answer.putArray("logStreams");
        for (LogStream stream : ListPage.of(parameters, tokens, streams, LogStream::name, answer)) {
            ObjectNode node = list.addObject()
                    .put("logStreamName", stream.name())
                    .put("creationTime", stream.creationTime())
                    .put("arn", arns.stream(group, stream.name()))
                    // As the service does since 2019.
                    .put("storedBytes", 0)
                    .put("uploadSequenceToken", SEQUENCE_TOKEN);
            stream.firstTimestamp().ifPresent(time -> node.put("firstEventTimestamp", time));
            stream.lastTimestamp().ifPresent(time -> node.put("lastEventTimestamp", time));
            stream.lastIngestionTime().ifPresent(time -> node.put("lastIngestionTime", time));
        }
    }
}
