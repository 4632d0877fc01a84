package dev.emrys.spec;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every diagnostic that Emrys knows: its id, its severity and its texts. An id that was released keeps its meaning for ever; a new rule gets a
 * new id. The page {@code diagnostics.md} beside this class is made from this catalogue.
 *
 * <p>E1xx are about the spec, E2xx about what a script declares, E3xx about the script as a program, E4xx about the target.
 */
public enum DiagnosticCode {
    // A pipeline and its names
    PIPELINE_EMPTY(
            "E101",
            Severity.ERROR,
            "Pipeline without a cluster",
            "The pipeline \"{0}\" has no cluster, so it has nothing to do.",
            "",
            "Add a cluster and a step: val c = cluster(\"c\") { … } and c.step(\"s\") { … }."),
    NAME_EMPTY(
            "E102",
            Severity.ERROR,
            "Empty name",
            "The {0} has an empty name.",
            "",
            "Give it a name, such as \"{0}-1\"."),
    NAME_TOO_LONG(
            "E103",
            Severity.ERROR,
            "Name too long",
            "The name of the {0} \"{1}…\" has {2} characters.",
            "EMR takes 256, and Emrys appends the key of the attempt.",
            "Write at most {3}."),
    NAME_CHARACTERS(
            "E104",
            Severity.ERROR,
            "Characters that a name cannot have",
            "The {0} name \"{1}\" has characters that a name cannot have.",
            "",
            "Begin with a letter or a digit and use letters, digits, spaces, '.', '_' and '-'."),
    NAME_TWICE(
            "E105",
            Severity.ERROR,
            "Name used twice",
            "There are two {0}s named \"{1}\".",
            "",
            "The first is at {2}: rename one of them."),
    // Clusters
    CLUSTER_WITHOUT_STEPS(
            "E111",
            Severity.ERROR,
            "Cluster without a step",
            "The cluster \"{0}\" has no step.",
            "It would cost money and do nothing.",
            "Give it one with step(\"…\") { … }, or remove the cluster."),
    RELEASE_LABEL(
            "E112",
            Severity.ERROR,
            "Malformed release label",
            "The cluster \"{0}\" has the release label \"{1}\".",
            "",
            "Write one of EMR's, such as Release(\"emr-7.8.0\")."),
    STEP_CONCURRENCY_RANGE(
            "E113",
            Severity.ERROR,
            "Step concurrency out of range",
            "The cluster \"{0}\" has stepConcurrency = {1}.",
            "",
            "EMR takes 1 to {2}."),
    STEP_CONCURRENCY_RELEASE(
            "E114",
            Severity.ERROR,
            "Release label without step concurrency",
            "The cluster \"{0}\" has stepConcurrency = {1} and the release label {2}.",
            "EMR runs steps concurrently from emr-5.28.0 on.",
            "Use a newer release label, or remove stepConcurrency."),
    IDLE_TIMEOUT_RANGE(
            "E115",
            Severity.ERROR,
            "Idle timeout out of range",
            "The cluster \"{0}\" has an idle timeout of {1}.",
            "",
            "EMR takes 1.minutes to 7.days."),
    LOG_LOCATION(
            "E116",
            Severity.ERROR,
            "Log location not on S3",
            "The log location \"{0}\" of the cluster \"{1}\" is not on S3.",
            "",
            "Write s3(\"s3://bucket/prefix/\")."),
    PRESTO_AND_TRINO(
            "E117",
            Severity.ERROR,
            "Presto and Trino on one cluster",
            "The cluster \"{0}\" has both Presto and Trino.",
            "EMR installs only one of them on a cluster.",
            "Remove one of the two."),
    PRIMARY_GROUPS(
            "E118",
            Severity.ERROR,
            "Not exactly one primary instance group",
            "The cluster \"{0}\" has {1} primary instance groups.",
            "",
            "Write exactly one, such as instances { primary(\"m6g.xlarge\") }."),
    CORE_GROUPS(
            "E119",
            Severity.ERROR,
            "More than one core instance group",
            "The cluster \"{0}\" has {1} core instance groups.",
            "EMR takes one.",
            "Raise its count, or make the others task groups."),
    TASK_WITHOUT_CORE(
            "E120",
            Severity.ERROR,
            "Task nodes without core nodes",
            "The cluster \"{0}\" has task nodes and no core nodes.",
            "Clusters with task nodes must also define core nodes.",
            "Add core(\"m6g.xlarge\")."),
    SECRET_READABLE(
            "E121",
            Severity.ERROR,
            "Secret in a readable place",
            "The cluster \"{0}\" has the secret \"{1}\" in a tag or in its log location.",
            "Everybody with access to the AWS account can read these.",
            "Use secrets only in steps, configurations or bootstrap actions."),
    PLACEHOLDER_MISPLACED(
            "E122",
            Severity.ERROR,
            "Placeholder that is not filled in",
            "The cluster \"{0}\" has the placeholder {1} in a member where placeholders are not filled in.",
            "runName, runId, attempt and secret(…) are filled in in steps, configurations and bootstrap arguments; the first three also in tags and in the log location.",
            "Move it there, or write the value."),
    TAG_COUNT(
            "E123",
            Severity.ERROR,
            "Too many tags",
            "The cluster \"{0}\" has {1} tags.",
            "EMR takes 50, and Emrys adds its own.",
            "Keep {2} or fewer."),
    TAG_LENGTH(
            "E124",
            Severity.ERROR,
            "Tag key or value of a wrong length",
            "The tag \"{0}\" of the cluster \"{1}\" is too long or has no key.",
            "",
            "A key has 1 to 128 characters, a value at most 256."),
    TAG_RESERVED(
            "E125",
            Severity.ERROR,
            "Reserved tag key",
            "The tag key \"{0}\" is reserved.",
            "Keys that begin with aws: belong to Amazon, with emrys: to Emrys.",
            "Choose another."),
    CONFIGURATION_UNNAMED(
            "E126",
            Severity.ERROR,
            "Configuration without a classification",
            "A configuration has an empty classification.",
            "",
            "Name one, such as \"spark-defaults\"."),
    INSTANCE_TYPE_FORM(
            "E127",
            Severity.ERROR,
            "Malformed instance type",
            "\"{0}\" does not have the form of an instance type.",
            "",
            "Write family.size, such as \"m6g.xlarge\"."),
    PRIMARY_COUNT(
            "E128",
            Severity.ERROR,
            "Number of primary instances",
            "The primary group has {0} instances.",
            "",
            "EMR takes 1, or 3 for high availability."),
    GROUP_COUNT(
            "E129",
            Severity.ERROR,
            "Number of instances out of range",
            "The {0} group has {1} instances.",
            "",
            "Write 1 to {2}, or remove the group."),
    SPOT_PRICE(
            "E130",
            Severity.ERROR,
            "Malformed Spot price",
            "\"{0}\" is not a price.",
            "",
            "Write US dollars per hour, such as \"0.12\", or leave it out to pay up to the on-demand price."),
    // Steps
    STEP_WITHOUT_JAR(
            "E141",
            Severity.ERROR,
            "Step without a jar",
            "The step \"{0}\" has no jar.",
            "",
            "Name one, such as \"s3://bucket/job.jar\" or \"command-runner.jar\"."),
    COMMAND_RUNNER_EMPTY(
            "E142",
            Severity.ERROR,
            "command-runner.jar without a command",
            "The step \"{0}\" gives command-runner.jar no command to run.",
            "",
            "Name the command first, such as args(\"spark-submit\", …)."),
    ARGUMENT_TOO_LONG(
            "E143",
            Severity.ERROR,
            "Argument too long",
            "An argument of the step \"{0}\" has {1} characters; EMR takes {2}.",
            "",
            "Put the text into a file on s3:// and pass its name."),
    ARGUMENT_NUL(
            "E144",
            Severity.ERROR,
            "NUL character in an argument",
            "An argument of the step \"{0}\" holds a NUL character.",
            "The operating system cannot pass one to a program.",
            "Remove it."),
    TIMEOUT_TOO_SHORT(
            "E145",
            Severity.ERROR,
            "Timeout too short",
            "The {0} \"{1}\" has a timeout of {2}.",
            "",
            "Write at least 1.seconds, or leave it out for no limit."),
    CLUSTER_UNKNOWN(
            "E146",
            Severity.ERROR,
            "Unknown cluster",
            "The {0} \"{1}\" is for a cluster \"{2}\" that does not exist.",
            "",
            "Declare the cluster in the same pipeline."),
    RETRY_AFTER_IDLE_TIMEOUT(
            "E147",
            Severity.ERROR,
            "Retry wait longer than the idle timeout",
            "The {0} \"{1}\" may wait {2} before it is retried, and its cluster \"{3}\" ends itself when it is idle for {4}.",
            "That retry could never run.",
            "Write a longer idleTimeout for the cluster, or a shorter backoff for the {0}."),
    WAIT_OUT_OF_RANGE(
            "E148",
            Severity.ERROR,
            "Wait out of range",
            "The wait \"{0}\" has a duration of {1}.",
            "",
            "Write 0 to 365 days, such as 10.minutes."),
    RETRY_CONDITIONS(
            "E151",
            Severity.ERROR,
            "Retry conditions can never occur",
            "The retry of {0} is on {1} only, and it never fails in that way.",
            "",
            "It can fail on {2}."),
    RETRY_ATTEMPTS(
            "E152",
            Severity.ERROR,
            "Number of attempts out of range",
            "retry has attempts = {0}.",
            "The first attempt counts.",
            "Write 1 (no retry) to {1}."),
    RETRY_REFUSED(
            "E153",
            Severity.ERROR,
            "Retry of a refused request",
            "A refused request cannot be retried.",
            "EMR would refuse the same request again.",
            "Remove it from on(…)."),
    BACKOFF_NEGATIVE(
            "E154",
            Severity.ERROR,
            "Negative backoff",
            "A backoff of {0} up to {1} is negative.",
            "",
            "Write a wait of zero or more."),
    BACKOFF_FACTOR(
            "E155",
            Severity.ERROR,
            "Backoff factor out of range",
            "The backoff factor {0} is out of range.",
            "",
            "Write a factor from 1 (constant) to 100."),
    BACKOFF_JITTER(
            "E156",
            Severity.ERROR,
            "Backoff jitter out of range",
            "The backoff jitter {0} is out of range.",
            "",
            "Write a share from 0.0 to 1.0."),
    UPSTREAM_UNKNOWN(
            "E161",
            Severity.ERROR,
            "Unknown upstream step",
            "The {0} \"{1}\" is after \"{2}\", which does not exist.",
            "",
            "Name a task of this pipeline."),
    CYCLE(
            "E162",
            Severity.ERROR,
            "Cycle",
            "The tasks wait for each other in a cycle: {0}.",
            "None of the tasks could ever start.",
            "Remove one of these after(…)."),
    // What a script declares
    NO_PIPELINE(
            "E201",
            Severity.ERROR,
            "Script without a pipeline",
            "The script declares no pipeline.",
            "",
            "Write pipeline(\"name\") { … } at its top level."),
    SECOND_PIPELINE(
            "E202",
            Severity.ERROR,
            "Second pipeline in a script",
            "The script declares a second pipeline, \"{0}\".",
            "",
            "The first is \"{1}\" at {2}: write one pipeline per file."),
    STEP_OF_OTHER_PIPELINE(
            "E203",
            Severity.ERROR,
            "Step of another pipeline",
            "The step \"{0}\" is after \"{1}\", which is a step of another pipeline, \"{2}\".",
            "A step can only wait for steps of its own pipeline.",
            "Remove it from after(…)."),
    STEP_AFTER_ITSELF(
            "E204",
            Severity.ERROR,
            "Step after itself",
            "The step \"{0}\" is after a step of its own name.",
            "A step cannot wait for itself.",
            "Rename one of the two, or remove it from after(…)."),
    STEP_RUNS_NOTHING(
            "E205",
            Severity.ERROR,
            "Step without a command",
            "The step \"{0}\" does not say what to run.",
            "",
            "Write one of sparkSubmit, sparkSql, sparkExample, mapReduce, bash, script, hadoopJarStep."),
    STEP_RUNS_TWICE(
            "E206",
            Severity.ERROR,
            "Step with two commands",
            "The step \"{0}\" already runs {1}.",
            "A step runs one thing.",
            "Write {2} in a step of its own; after(…) orders the two."),
    STEP_IN_STEP(
            "E207",
            Severity.ERROR,
            "Step inside a step",
            "The step \"{0}\" is declared inside the step \"{1}\".",
            "",
            "Declare it after that block; after(…) says which runs first."),
    VALUE_WITHOUT_TEXT(
            "E208",
            Severity.ERROR,
            "Value that has no text form",
            "{0} is a {1}, which cannot be written as text.",
            "",
            "Give a text, a number, a Boolean, a date, file(…), s3(…) or secret(…)."),
    DURATION_TOO_LONG(
            "E209",
            Severity.ERROR,
            "Duration too long",
            "{0} is {1}, which exceeds the maximum of 36,500 days.",
            "",
            "Write a number of minutes, hours or days."),
    S3_FORM(
            "E210",
            Severity.ERROR,
            "Malformed S3 location",
            "\"{0}\" is not an S3 location.",
            "A bucket's name has 3 to 255 letters, digits, '.', '_' and '-'.",
            "Write \"s3://bucket/key\"."),
    FILE_EMPTY(
            "E211",
            Severity.ERROR,
            "Empty path",
            "{0} names no file.",
            "",
            "Write a path, such as file(\"../target/etl.jar\")."),
    FILE_PATH(
            "E212",
            Severity.ERROR,
            "Malformed path",
            "\"{0}\" is not a path: {1}.",
            "",
            "Write a path, such as file(\"../target/etl.jar\")."),
    SECRET_NAME(
            "E213",
            Severity.ERROR,
            "Malformed name of a secret",
            "\"{0}\" is not the name of a secret.",
            "",
            "Use 1 to 512 letters, digits and / _ + = . @ -, the first of them a letter, a digit, / or _, such as secret(\"warehouse/password\")."),
    COMMAND_EMPTY(
            "E214",
            Severity.ERROR,
            "Empty command",
            "bash(\"\") runs nothing.",
            "",
            "Write a command, such as bash(\"date\")."),
    APPLICATION_EMPTY(
            "E215",
            Severity.ERROR,
            "sparkSubmit without an application",
            "sparkSubmit(\"\") names no application.",
            "",
            "Name a jar or a .py file, such as \"s3://bucket/etl.jar\"."),
    LOCATION_TYPE(
            "E216",
            Severity.ERROR,
            "Not a location",
            "{0} is a {1}, which names no location.",
            "",
            "Write a text such as \"s3://bucket/prefix/\", or s3(…)."),
    RAW_VALUE(
            "E217",
            Severity.ERROR,
            "Value without a JSON form",
            "The raw request has a {0} at {1}, which has no JSON form.",
            "",
            "Use texts, numbers, Booleans, null, lists, maps with texts as keys, s3(…) and secret(…)."),
    RAW_JSON(
            "E218",
            Severity.ERROR,
            "Malformed JSON in rawRequest",
            "The text of rawRequest is not a JSON object: {0}.",
            "",
            "Write one, such as {\"OSReleaseLabel\": \"2.0.20241031.0\"}."),
    PARAM_TWICE(
            "E221",
            Severity.ERROR,
            "Parameter declared twice",
            "There are two parameters named \"{0}\".",
            "",
            "The first is at {1}: rename one of them."),
    PARAM_NAME(
            "E222",
            Severity.ERROR,
            "Malformed name of a parameter",
            "\"{0}\" cannot be the name of a parameter.",
            "It must be possible to write --param name=value.",
            "Begin with a letter and use letters, digits, '.', '_' and '-'."),
    PARAM_PLACEHOLDER(
            "E223",
            Severity.ERROR,
            "Placeholder in a parameter's value",
            "The parameter \"{0}\" is given a placeholder: {1}.",
            "Only the script may use placeholders, such as runName and secret(\"…\").",
            "Give the value itself."),
    PARAM_FORM(
            "E224",
            Severity.ERROR,
            "Parameter value of a wrong type",
            "The parameter \"{0}\" is \"{1}\", which is not {2}.",
            "",
            "Write {2}, such as --param {0}={3}."),
    PARAM_MISSING(
            "E225",
            Severity.ERROR,
            "Required parameter without a value",
            "The parameter \"{0}\" has no value.",
            "",
            "Give it one ({1}) with --param {0}={2}, or a default in the script."),
    PARAM_UNKNOWN("E226", Severity.ERROR, "Unknown parameter", "The script has no parameter \"{0}\".", "", "{1}"),
    INSTANCE_TYPE_UNKNOWN(
            "E231",
            Severity.WARNING,
            "Unknown instance type",
            "The instance type \"{0}\" is unknown to this version of Emrys.{1}",
            "It is sent to EMR unchanged.",
            ""),
    APPLICATION_UNKNOWN(
            "E232",
            Severity.WARNING,
            "Unknown application",
            "The application \"{0}\" is unknown to this version of Emrys.{1}",
            "It is sent to EMR unchanged.",
            ""),
    SPARK_MISSING(
            "E233",
            Severity.WARNING,
            "Spark step on a cluster without Spark",
            "The step \"{0}\" needs Spark, and the cluster \"{1}\" does not install it.",
            "",
            "Add applications(Spark)."),
    UNORDERED_STEPS(
            "E234",
            Severity.WARNING,
            "Unordered steps on a cluster of step concurrency 1",
            "The cluster \"{0}\" runs one step at a time, and no order is declared between its steps \"{1}\" and \"{2}\".",
            "Without an order a step runs even when the one above it failed.",
            "Write sequence { … } around them when each needs the one before, or set stepConcurrency when they are independent."),
    DEPRECATED_WORD("E235", Severity.WARNING, "Deprecated word", "\"{0}\" is deprecated.", "", "Write {1} instead."),
    // The script as a file, and what the compiler says
    SCRIPT_IS_FOLDER(
            "E301",
            Severity.ERROR,
            "Folder instead of a script",
            "This is a folder, not a script.",
            "",
            "Name a file in it that ends in {0}."),
    SCRIPT_MISSING("E302", Severity.ERROR, "No such script", "There is no such file.", "", "{0}"),
    SCRIPT_NAME(
            "E303",
            Severity.ERROR,
            "Script with another extension",
            "This is not the name of a script: it does not end in {0}.",
            "",
            "Rename it to end in {0}."),
    SCRIPT_FORBIDDEN(
            "E304",
            Severity.ERROR,
            "Script without read permission",
            "The script cannot be read: permission denied.",
            "",
            "Make it readable, such as with chmod u+r."),
    SCRIPT_UNREADABLE("E305", Severity.ERROR, "Script that cannot be read", "The script cannot be read: {0}.", "", ""),
    SCRIPT_ENCODING(
            "E306",
            Severity.ERROR,
            "Script that is not UTF-8",
            "The script is not UTF-8 text.",
            "",
            "Save it with the encoding UTF-8."),
    SYNTAX("E311", Severity.ERROR, "Syntax error", "{0}", "", "{1}"),
    UNKNOWN_WORD("E312", Severity.ERROR, "Unknown word", "'{0}' is unknown.", "", "{1}"),
    MISPLACED_WORD(
            "E313",
            Severity.ERROR,
            "Word in a wrong block",
            "'{0}' cannot be used in this block.",
            "",
            "It can be used {1}."),
    NO_SUCH_FORM(
            "E314",
            Severity.ERROR,
            "Arguments that no form takes",
            "No form of '{0}' takes these arguments.",
            "",
            "Its forms are {1}."),
    TYPE_MISMATCH("E315", Severity.ERROR, "Type mismatch", "{0}", "", "{1}"),
    COMPILER("E316", Severity.ERROR, "Other compiler error", "{0}", "", "{1}"),
    UNUSED_RESULT("E321", Severity.WARNING, "Unused result", "The result of '{0}' is not used.", "", "{1}"),
    BLOCK_NEVER_RUNS(
            "E322",
            Severity.ERROR,
            "Block that never runs",
            "This block is never run, so \"{0}\" in it declares nothing.",
            "A block inside another block is only a value.",
            "Remove the inner braces."),
    // Evaluation of the script
    SCRIPT_TIMEOUT(
            "E331",
            Severity.ERROR,
            "Evaluation timed out",
            "The script did not end within {0}; it is still running here.",
            "A script only builds a value.",
            "Look for an endless loop or a wait."),
    SCRIPT_THREW(
            "E332",
            Severity.ERROR,
            "Exception in the script",
            "The script threw {0}.",
            "A script only builds a value, and must not fail.",
            "Correct the line."),
    SCRIPT_RECURSION(
            "E333",
            Severity.ERROR,
            "Endless recursion",
            "The script threw StackOverflowError.",
            "",
            "A function calls itself without end: add a condition that ends the recursion."),
    SCRIPT_EXIT(
            "E334",
            Severity.ERROR,
            "Exit of the process",
            "The script calls {0}.",
            "A script only builds a value, and must not end the process.",
            "Remove the call; to report an error, write error(\"…\")."),
    SCRIPT_THREAD(
            "E335",
            Severity.ERROR,
            "Thread that is still running",
            "The script started the thread \"{0}\", which is still running at the end of the script.",
            "A script only builds a value, and must leave nothing behind.",
            "Remove the thread, or wait for its end with join()."),
    CACHE_DAMAGED(
            "E341",
            Severity.WARNING,
            "Damaged compiled script",
            "The compiled copy {0} was damaged.",
            "The script is compiled again.",
            ""),
    CACHE_READ_ONLY(
            "E342",
            Severity.WARNING,
            "Compiled script cannot be kept",
            "The compiled script cannot be kept: {0}.",
            "It is compiled again every time.",
            "Make the cache folder writable."),
    // What the target lacks
    STEP_UNSUPPORTED(
            "E401",
            Severity.ERROR,
            "Step that this machine cannot run",
            "The step \"{0}\" cannot run on this machine. {1}",
            "",
            "{2}"),
    SECRET_UNKNOWN(
            "E402",
            Severity.ERROR,
            "Unknown secret",
            "The {0} \"{1}\" uses the secret \"{2}\", which is not known here.",
            "",
            "Set the environment variable {3}, or add it to secrets.properties in the state folder."),
    CODE_RELATIVE(
            "E403",
            Severity.ERROR,
            "Location without a folder or bucket",
            "The step \"{0}\" runs {1}, which names no location.",
            "",
            "Write file(\"{1}\") for a file beside the script, or s3(\"s3://bucket/key\")."),
    CODE_URI(
            "E404",
            Severity.ERROR,
            "Malformed URI",
            "The step \"{0}\" runs {1}, which is not a URI of this machine: {2}.",
            "",
            "Write file(\"path\") for a file beside the script, or s3(\"s3://bucket/key\")."),
    CODE_MISSING(
            "E405",
            Severity.ERROR,
            "Missing file",
            "The step \"{0}\" runs {1}, which does not exist.",
            "A relative path is resolved against the script's folder.",
            "Build it, or correct the path."),
    CODE_FORBIDDEN(
            "E406",
            Severity.ERROR,
            "File without read permission",
            "The step \"{0}\" runs {1}, which this user may not read.",
            "",
            "Give this user the permission to read it."),
    CODE_MISSING_OBJECT(
            "E407",
            Severity.ERROR,
            "Missing S3 object",
            "The step \"{0}\" runs {1}, which does not exist on this machine.",
            "On the local target s3:// is a folder.",
            "Put it at {2}."),
    RELEASE_NOT_EMULATED("E411", Severity.WARNING, "Release label that is not emulated", "{0}", "", ""),
    CLUSTER_NOT_EMULATED("E412", Severity.WARNING, "Cluster settings that are not emulated", "{0}", "", ""),
    PROGRAM_MISSING("E413", Severity.WARNING, "Program that is not on this machine", "The step \"{0}\" {1}", "", "");

    private static final Pattern ARGUMENT = Pattern.compile("\\{(\\d)}");

    private final String id;
    private final Severity severity;
    private final String title;
    private final String what;
    private final String why;
    private final String fix;

    DiagnosticCode(String id, Severity severity, String title, String what, String why, String fix) {
        this.id = id;
        this.severity = severity;
        this.title = title;
        this.what = what;
        this.why = why;
        this.fix = fix;
    }

    /** Such as {@code E112}; never changes. */
    public String id() {
        return id;
    }

    /** The severity of a diagnostic of this code, unless its producer says otherwise. */
    public Severity severity() {
        return severity;
    }

    /** A few words that name the rule. */
    public String title() {
        return title;
    }

    /** A diagnostic of this code. As {@link #over}, for an element of which only the start is known. */
    public Diagnostic at(SourceLocation location, Object... arguments) {
        return over(SourceRange.at(location), arguments);
    }

    /**
     * A diagnostic of this code.
     *
     * @param arguments what the texts name as {@code {0}}, {@code {1}} and so on; a {@link Duration} is written with its unit
     */
    public Diagnostic over(SourceRange range, Object... arguments) {
        return new Diagnostic(this, severity, range, fill(what, arguments), fill(why, arguments), fill(fix, arguments));
    }

    private static String fill(String template, Object[] arguments) {
        return ARGUMENT.matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(text(arguments[Integer.parseInt(found.group(1))])));
    }

    private static String text(Object argument) {
        return argument instanceof Duration duration ? Durations.words(duration) : argument.toString();
    }
}
