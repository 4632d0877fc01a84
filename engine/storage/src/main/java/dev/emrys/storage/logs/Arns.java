package dev.emrys.storage.logs;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ARNs of log groups and streams of an account.
 *
 * @param accountId twelve digits
 */
record Arns(String region, String accountId) {
    private static final Pattern GROUP = Pattern.compile("arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)(:\\*)?");

    /** As it is a resource. */
    String group(String name) {
        return "arn:aws:logs:" + region + ":" + accountId + ":log-group:" + name;
    }

    /** As permissions name it: with its streams. */
    String groupWithStreams(String name) {
        return group(name) + ":*";
    }

    String stream(String group, String name) {
        return group(group) + ":log-stream:" + name;
    }

    /** The name of the group of which this is the ARN or the name. */
    static String group(String identifier, String member) throws LogsException {
        Matcher arn = GROUP.matcher(identifier);
        return LogNames.group(arn.matches() ? arn.group(1) : identifier, member);
    }

    /** The name of the group of which this is the ARN. */
    String named(String arn) throws LogsException {
        Matcher parts = GROUP.matcher(arn);
        if (!parts.matches()) {
            throw LogsException.invalid(
                    "The emulator has tags of log groups only, and this is not the ARN of one: " + arn);
        }
        String name = LogNames.group(parts.group(1), "resourceArn");
        if (!arn.startsWith(group(name))) {
            throw LogsException.noGroup();
        }
        return name;
    }
}
