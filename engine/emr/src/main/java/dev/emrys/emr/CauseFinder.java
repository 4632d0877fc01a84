package dev.emrys.emr;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the root cause of a failure in what EMR, the program and its log say. A text may match several rules, since an
 * exception has causes: the rules are ordered, so that the more telling one is found, and exceptions as such come last.
 *
 * <p>The texts are those of Spark, Hadoop, the JVM, Python, the AWS SDK and EMR's "Cluster terminates with …" pages
 * (Management Guide, "Troubleshoot"); the tests have samples of each. What no rule knows has no cause.
 */
final class CauseFinder {
    private static final Splitter LINES = Splitter.on('\n');

    private record Rule(FailureCause cause, Pattern pattern) {
        static Rule of(FailureCause cause, String... alternatives) {
            return new Rule(cause, Pattern.compile(String.join("|", alternatives)));
        }
    }

    private static final Rule USER_EXCEPTION = Rule.of(
            FailureCause.USER_EXCEPTION,
            "Exception in thread ",
            "User class threw exception: ",
            "^(?:Caused by: )?(?:[a-z_$][\\w$]*\\.)+[A-Z][\\w$]*(?:Exception|Error|Throwable)\\b",
            "^[A-Z][A-Za-z]*(?:Error|Exception)(?::|$)",
            "Traceback \\(most recent call last\\)",
            "[Ee]xit code (?:is )?[1-9]|[Ee]xited with [1-9]|non-zero exit");

    /** What the logs of programs and their drivers say. */
    private static final ImmutableList<Rule> PROGRAMS = ImmutableList.of(
            Rule.of(
                    FailureCause.EXPIRED_CREDENTIALS,
                    "ExpiredToken(?:Exception)?\\b",
                    "security token included in the request is expired",
                    "provided token has expired"),
            Rule.of(
                    FailureCause.SPOT_LOSS,
                    "Container released on a \\*lost\\* node",
                    "[Ss]pot (?:instance )?(?:interruption|was (?:reclaimed|interrupted))"),
            Rule.of(
                    FailureCause.DISK_FULL,
                    "No space left on device",
                    "DiskErrorException: (?:No space|Could not find any valid local directory)",
                    "local-dirs (?:are bad|usable space is below)",
                    "could only be (?:written|replicated) to 0 .*no (?:node|datanode)",
                    "[Dd]isk quota exceeded"),
            Rule.of(
                    FailureCause.CONTAINER_KILLED,
                    "[Cc]ontainer killed by YARN for exceeding (?:physical |virtual )?memory limits",
                    "running beyond (?:the )?'?(?:physical|virtual)'? memory limits?",
                    "Container killed on request\\. Exit code is 1(?:37|43)",
                    "ExecutorLostFailure.*(?:[Ee]xit (?:code|status):? (?:is )?(?:137|143))"),
            Rule.of(
                    FailureCause.EXECUTOR_OUT_OF_MEMORY,
                    "(?:ExecutorLostFailure|Lost task|Task \\d+ in stage).*(?:OutOfMemoryError|[Ee]xit (?:code|status):? 52\\b)",
                    "Unable to acquire \\d+ bytes of memory",
                    "SparkOutOfMemoryError",
                    "Error: GC overhead limit exceeded.*(?:attempt_|task_)"),
            Rule.of(
                    FailureCause.DRIVER_OUT_OF_MEMORY,
                    "java\\.lang\\.OutOfMemoryError",
                    "bigger than spark\\.driver\\.maxResultSize",
                    "There is insufficient memory for the Java Runtime Environment",
                    "^MemoryError\\b"),
            Rule.of(
                    FailureCause.PERMISSION,
                    "AccessDenied(?:Exception)?\\b",
                    "Access Denied",
                    "is not authorized to perform",
                    "AccessControlException: Permission denied",
                    "Status Code: 403",
                    "Permission denied(?:$|[:,. ])",
                    "^PermissionError:"),
            Rule.of(
                    FailureCause.MISSING_INPUT,
                    "[Pp]ath does not exist",
                    "PATH_NOT_FOUND",
                    "(?:FileNotFoundException|NoSuchFileException|NoSuchBucket|NoSuchKey|NoSuchTableException)\\b",
                    "FileNotFoundError",
                    "TABLE_OR_VIEW_NOT_FOUND",
                    "Table or view not found|Table not found",
                    "The specified (?:bucket|key) does not exist",
                    "No such file or directory"),
            Rule.of(
                    FailureCause.UNLOADABLE_CODE,
                    "ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|UnsupportedClassVersionError",
                    "Failed to load class",
                    "Could not find or load main class",
                    "Unable to access jarfile",
                    "ZipException: (?:error in opening zip file|zip END header not found)",
                    "Cannot load main class from JAR",
                    "(?:Local|JAR) .*jar does not exist, skipping",
                    "ModuleNotFoundError|ImportError:",
                    "unresolved dependenc(?:y|ies)",
                    "(?:command )?not found$",
                    "Unknown program '.*' chosen"),
            Rule.of(
                    FailureCause.SQL,
                    "ParseException\\b",
                    "AnalysisException\\b",
                    "SemanticException\\b",
                    "PARSE_SYNTAX_ERROR|UNRESOLVED_COLUMN|UNRESOLVED_ROUTINE"),
            Rule.of(
                    FailureCause.THROTTLED,
                    "SlowDown\\b.*(?:503|reduce your request rate)",
                    "ThrottlingException|ProvisionedThroughputExceeded|RequestLimitExceeded",
                    "Please reduce your request rate"),
            Rule.of(
                    FailureCause.NETWORK,
                    "UnknownHostException",
                    "Name or service not known|Temporary failure in name resolution",
                    "ConnectException|Connection (?:refused|timed out)",
                    "connect timed out|ConnectTimeout(?:Exception|Error)",
                    "No route to host"),
            Rule.of(
                    FailureCause.KILLED,
                    "(?:killed|SIGKILL|signal 9|[Ee]xit(?:ed with| code|s with)? 137\\b|exiting with ret '137')"),
            USER_EXCEPTION);

    /** What EMR says of a cluster: its reason's code and message. */
    private static final ImmutableList<Rule> CLUSTERS = ImmutableList.of(
            Rule.of(FailureCause.SPOT_LOSS, "(?i)spot[^.]{0,80}(?:terminat|interrupt|reclaim|price)"),
            Rule.of(
                    FailureCause.PRIMARY_LOST,
                    "(?i)(?:master|primary) (?:node|instance)s?\\b[^.]{0,60}(?:terminat|lost|fail|unreachable|shut down)",
                    "(?i)(?:terminat|lost)[^.]{0,40}(?:master|primary) (?:node|instance)"),
            Rule.of(FailureCause.BOOTSTRAP, "(?i)bootstrap"),
            Rule.of(
                    FailureCause.MISSING_ROLE,
                    "(?i)(?:role|instance ?profile)\\b[^.]{0,80}(?:invalid|does not exist|not found|insufficient|cannot be assumed|not authorized)",
                    "(?i)invalid (?:instance ?profile|role|iam)"),
            Rule.of(
                    FailureCause.CAPACITY,
                    "(?i)insufficient(?: |instance)?[^.]{0,60}capacity",
                    "(?i)capacity[^.]{0,60}(?:not available|unavailable|could not be)",
                    "(?i)not supported in (?:your|the) requested availability zone",
                    "INSTANCE_FLEET_TIMEOUT"),
            Rule.of(
                    FailureCause.WRONG_RELEASE,
                    "(?i)release ?label[^.]{0,60}(?:invalid|not (?:found|supported|valid)|does not exist)",
                    "(?i)(?:invalid|unknown) release ?label",
                    "(?i)application[^.]{0,60}(?:not (?:found|supported|available))"),
            Rule.of(FailureCause.DISK_FULL, "No space left on device"),
            Rule.of(FailureCause.PERMISSION, "AccessDenied|(?i)not authorized|access denied|UnauthorizedOperation"),
            Rule.of(FailureCause.CANCELLED, "USER_REQUEST"),
            Rule.of(FailureCause.SERVICE_ERROR, "INTERNAL_ERROR"),
            Rule.of(FailureCause.PRIMARY_LOST, "INSTANCE_FAILURE"));

    /** Says that a program has failed, and not why. */
    private static final Pattern GENERIC = Pattern.compile(
            "Application application_\\d+_\\d+ (?:finished with|failed)|SparkUserAppException|[Ee]xit(?:ed with| code)");

    /** What a log says of ordinary progress, by Spark's, Hadoop's and EMR's layouts. */
    private static final Pattern PROGRESS = Pattern.compile("^\\S+ (?:\\S+ )?(?:TRACE|DEBUG|INFO)\\b");

    /** A line of a log may be one record of any length. */
    private static final int LINE_CHARACTERS = 500;

    private static final int EVIDENCE_LINES = 4;

    private CauseFinder() {}

    /** Whether a failure's cause is more than that something has failed or was killed. */
    static boolean isTelling(Event.AttemptFailed failed) {
        FailureCause cause = failed.cause();
        return cause != null
                && switch (cause) {
                    case LOG_MISSING, KILLED -> false;
                    case USER_EXCEPTION ->
                        lastMatch(USER_EXCEPTION, failed.reason()).isPresent();
                    default -> true;
                };
    }

    /**
     * The failure with what its logs say of its cause: the reason has the lines that show it, and the log is the one that
     * they are from.
     */
    static Event.AttemptFailed explained(Event.AttemptFailed failed, FailureLogs.Findings found) {
        // The driver's container says much of its own end when the cause is what the client has told.
        return evidence(failed, found.excerpts())
                .filter(CauseFinder::isTelling)
                .or(() -> evidence(failed, found.containers()))
                .or(() -> evidence(failed, found.excerpts()))
                .orElseGet(() -> withoutEvidence(failed, found));
    }

    private static Optional<Event.AttemptFailed> evidence(
            Event.AttemptFailed failed, ImmutableList<FailureLogs.Excerpt> excerpts) {
        for (Rule rule : PROGRAMS) {
            if (rule.cause() == failed.cause() && (rule.cause() != FailureCause.USER_EXCEPTION || isTelling(failed))) {
                return Optional.empty();
            }
            for (FailureLogs.Excerpt excerpt : excerpts) {
                Optional<String> lines = lastMatch(rule, excerpt.text());
                if (lines.isPresent()) {
                    return Optional.of(with(failed, lines.get(), excerpt.location(), rule.cause()));
                }
            }
        }
        return Optional.empty();
    }

    private static Event.AttemptFailed withoutEvidence(Event.AttemptFailed failed, FailureLogs.Findings found) {
        if (failed.cause() != null && failed.cause() != FailureCause.LOG_MISSING) {
            return failed;
        }
        if (found.excerpts().isEmpty()) {
            String missing = found.absence().orElse("Its log was not there in time.");
            return with(failed, missing, failed.log(), FailureCause.LOG_MISSING);
        }
        // An exit code, or that the application has failed, is all that they say.
        return found.excerpts().stream()
                .filter(log ->
                        first(ImmutableList.of(USER_EXCEPTION), log.text()).isPresent())
                .findFirst()
                .map(log -> with(failed, failed.reason(), log.location(), FailureCause.USER_EXCEPTION))
                .orElse(failed);
    }

    private static Event.AttemptFailed with(
            Event.AttemptFailed failed, String more, @Nullable String log, FailureCause cause) {
        String reason = failed.reason().contains(more) ? failed.reason() : failed.reason() + "\n" + more;
        return new Event.AttemptFailed(
                failed.at(), failed.task(), failed.attempt(), failed.failure(), reason, log, cause);
    }

    /** The last line that a rule knows, and those after it but for stack frames: an exception's first cause is its last. */
    private static Optional<String> lastMatch(Rule rule, String text) {
        ImmutableList<String> lines = ImmutableList.copyOf(LINES.split(text));
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (!PROGRESS.matcher(line).find()
                    && rule.pattern().matcher(line).find()
                    && !(rule.cause() == FailureCause.USER_EXCEPTION
                            && GENERIC.matcher(line).find())) {
                return Optional.of(lines.subList(i, lines.size()).stream()
                        .filter(each -> !each.isBlank()
                                && !each.stripLeading().startsWith("at ")
                                && !PROGRESS.matcher(each).find())
                        .limit(EVIDENCE_LINES)
                        .map(each -> Ascii.truncate(each.stripTrailing(), LINE_CHARACTERS, "…"))
                        .collect(Collectors.joining("\n")));
            }
        }
        return Optional.empty();
    }

    /** A failed attempt with its cause. */
    static Event.AttemptFailed failed(
            Instant at, String task, int attempt, FailureKind kind, String reason, @Nullable String log) {
        return new Event.AttemptFailed(
                at, task, attempt, kind, reason, log, find(kind, reason).orElse(null));
    }

    /**
     * The cause of a failure.
     *
     * @param reason what EMR, the program and its log say, in lines
     * @return empty when nothing tells it
     */
    static Optional<FailureCause> find(FailureKind kind, String reason) {
        return switch (kind) {
            case STEP ->
                reason.isBlank() || reason.equals(StatusMapper.NO_REASON)
                        ? Optional.of(FailureCause.LOG_MISSING)
                        : first(PROGRAMS, reason);
            case TIMEOUT -> Optional.of(FailureCause.TIMEOUT);
            case QUOTA -> Optional.of(capacityOrQuota(reason));
            case CLUSTER_LOST -> Optional.of(first(CLUSTERS, reason).orElse(FailureCause.CLUSTER_ENDED));
            case BOOTSTRAP -> Optional.of(first(CLUSTERS, reason).orElse(FailureCause.BOOTSTRAP));
            case REFUSED -> Optional.of(first(CLUSTERS, reason).orElse(FailureCause.INVALID_REQUEST));
            case INTERNAL -> Optional.of(first(CLUSTERS, reason).orElse(FailureCause.SERVICE_ERROR));
        };
    }

    private static FailureCause capacityOrQuota(String reason) {
        return first(CLUSTERS, reason)
                .filter(cause -> cause == FailureCause.CAPACITY)
                .orElse(FailureCause.QUOTA);
    }

    private static Optional<FailureCause> first(ImmutableList<Rule> rules, String reason) {
        ImmutableList<String> lines = ImmutableList.copyOf(LINES.split(reason));
        return rules.stream()
                .filter(rule -> lines.stream()
                        .anyMatch(line -> rule.pattern().matcher(line.strip()).find()))
                .map(Rule::cause)
                .findFirst();
    }
}
