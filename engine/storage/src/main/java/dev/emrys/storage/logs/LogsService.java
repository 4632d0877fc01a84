package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * CloudWatch Logs of an account: finds the operation of a request and runs it. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html">API reference</a>
 */
public final class LogsService {
    private static final String TARGET = "Logs_20140328.";

    private final LogGroups groups;
    private final ImmutableMap<String, Operation> operations;

    /**
     * Reads the groups when it is first used.
     *
     * @param region as in ARNs
     * @param accountId as in ARNs, twelve digits
     */
    public LogsService(LogGroups groups, String region, String accountId) {
        Arns arns = new Arns(region, accountId);
        GroupOperations group = new GroupOperations(groups, arns);
        StreamOperations stream = new StreamOperations(groups, arns);
        EventOperations event = new EventOperations(groups);
        this.groups = groups;
        this.operations = ImmutableMap.<String, Operation>builder()
                .put("CreateLogGroup", group::create)
                .put("DeleteLogGroup", group::delete)
                .put("DescribeLogGroups", group::describe)
                .put("PutRetentionPolicy", group::putRetention)
                .put("DeleteRetentionPolicy", group::deleteRetention)
                .put("TagResource", group::tag)
                .put("UntagResource", group::untag)
                .put("ListTagsForResource", group::listTags)
                .put("TagLogGroup", group::tagGroup)
                .put("UntagLogGroup", group::untagGroup)
                .put("ListTagsLogGroup", group::listGroupTags)
                .put("CreateLogStream", stream::create)
                .put("DeleteLogStream", stream::delete)
                .put("DescribeLogStreams", stream::describe)
                .put("PutLogEvents", event::put)
                .put("GetLogEvents", event::get)
                .put("FilterLogEvents", event::filter)
                .buildOrThrow();
    }

    /** The names of the operations that are emulated. */
    public ImmutableSortedSet<String> operations() {
        return ImmutableSortedSet.copyOf(operations.keySet());
    }

    /** What it serves, for services that write logs themselves. */
    public LogGroups groups() {
        return groups;
    }

    /**
     * Answers a request.
     *
     * @param target the header X-Amz-Target
     * @param body JSON
     * @return JSON; empty for an operation without an answer
     * @throws LogsException as the service reports it
     * @throws IOException when the folder cannot be used
     */
    public byte[] respond(String target, byte[] body) throws IOException, LogsException {
        Operation operation = target.startsWith(TARGET) ? operations.get(target.substring(TARGET.length())) : null;
        if (operation == null) {
            throw new LogsException("UnknownOperationException", target + " is not emulated.");
        }
        ObjectNode answer = LogLines.JSON.createObjectNode();
        operation.run(Parameters.of(body), answer);
        return answer.isEmpty() ? new byte[0] : answer.toString().getBytes(StandardCharsets.UTF_8);
    }
}
