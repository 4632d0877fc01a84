package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;
import static dev.emrys.spec.Severity.WARNING;

/** E2xx: what a script declares, and the params that it is given. */
public enum ScriptCode implements DiagnosticCode {
    // What a script declares
    NO_PIPELINE(
            "E201",
            ERROR,
            "Script without a pipeline",
            "The script declares no pipeline.",
            "",
            "Write pipeline(\"name\") { … } at its top level."),
    SECOND_PIPELINE(
            "E202",
            ERROR,
            "Second pipeline in a script",
            "The script declares a second pipeline, \"{0}\".",
            "",
            "The first is \"{1}\" at {2}: write one pipeline per file."),
    STEP_OF_OTHER_PIPELINE(
            "E203",
            ERROR,
            "Step of another pipeline",
            "The step \"{0}\" is after \"{1}\", which is a step of another pipeline, \"{2}\".",
            "A step can only wait for steps of its own pipeline.",
            "Remove it from after(…)."),
    STEP_AFTER_ITSELF(
            "E204",
            ERROR,
            "Step after itself",
            "The step \"{0}\" is after a step of its own name.",
            "A step cannot wait for itself.",
            "Rename one of the two, or remove it from after(…)."),
    STEP_RUNS_NOTHING(
            "E205",
            ERROR,
            "Step without a command",
            "The step \"{0}\" does not say what to run.",
            "",
            "Write one of sparkSubmit, sparkSql, sparkExample, mapReduce, bash, script, hadoopJarStep."),
    STEP_RUNS_TWICE(
            "E206",
            ERROR,
            "Step with two commands",
            "The step \"{0}\" already runs {1}.",
            "A step runs one thing.",
            "Write {2} in a step of its own; after(…) orders the two."),
    STEP_IN_STEP(
            "E207",
            ERROR,
            "Step inside a step",
            "The step \"{0}\" is declared inside the step \"{1}\".",
            "",
            "Declare it after that block; after(…) says which runs first."),
    VALUE_WITHOUT_TEXT(
            "E208",
            ERROR,
            "Value that has no text form",
            "{0} is a {1}, which cannot be written as text.",
            "",
            "Give a text, a number, a Boolean, a date, file(…), s3(…) or secret(…)."),
    DURATION_TOO_LONG(
            "E209",
            ERROR,
            "Duration too long",
            "{0} is {1}, which exceeds the maximum of 36,500 days.",
            "",
            "Write a number of minutes, hours or days."),
    S3_FORM(
            "E210",
            ERROR,
            "Malformed S3 location",
            "\"{0}\" is not an S3 location.",
            "A bucket's name has 3 to 255 letters, digits, '.', '_' and '-'.",
            "Write \"s3://bucket/key\"."),
    FILE_EMPTY(
            "E211",
            ERROR,
            "Empty path",
            "{0} names no file.",
            "",
            "Write a path, such as file(\"../target/etl.jar\")."),
    FILE_PATH(
            "E212",
            ERROR,
            "Malformed path",
            "\"{0}\" is not a path: {1}.",
            "",
            "Write a path, such as file(\"../target/etl.jar\")."),
    SECRET_NAME(
            "E213",
            ERROR,
            "Malformed name of a secret",
            "\"{0}\" is not the name of a secret.",
            "",
            "Use 1 to 512 letters, digits and / _ + = . @ -, the first of them a letter, a digit, / or _, such as secret(\"warehouse/password\")."),
    COMMAND_EMPTY(
            "E214", ERROR, "Empty command", "bash(\"\") runs nothing.", "", "Write a command, such as bash(\"date\")."),
    APPLICATION_EMPTY(
            "E215",
            ERROR,
            "sparkSubmit without an application",
            "sparkSubmit(\"\") names no application.",
            "",
            "Name a jar or a .py file, such as \"s3://bucket/etl.jar\"."),
    LOCATION_TYPE(
            "E216",
            ERROR,
            "Not a location",
            "{0} is a {1}, which names no location.",
            "",
            "Write a text such as \"s3://bucket/prefix/\", or s3(…)."),
    RAW_VALUE(
            "E217",
            ERROR,
            "Value without a JSON form",
            "The raw request has a {0} at {1}, which has no JSON form.",
            "",
            "Use texts, numbers, Booleans, null, lists, maps with texts as keys, s3(…) and secret(…)."),
    RAW_JSON(
            "E218",
            ERROR,
            "Malformed JSON in rawRequest",
            "The text of rawRequest is not a JSON object: {0}.",
            "",
            "Write one, such as {\"OSReleaseLabel\": \"2.0.20241031.0\"}."),
    REGION_FORM(
            "E219",
            ERROR,
            "Malformed region",
            "\"{0}\" is not a region.",
            "The second value of script(…) is the region that script-runner.jar is read from.",
            "Write a region such as \"eu-central-1\", or, for an argument of the script, script(\"…\") { args(\"{0}\") }."),
    PARAM_TWICE(
            "E221",
            ERROR,
            "Parameter declared twice",
            "There are two parameters named \"{0}\".",
            "",
            "The first is at {1}: rename one of them."),
    PARAM_NAME(
            "E222",
            ERROR,
            "Malformed name of a parameter",
            "\"{0}\" cannot be the name of a parameter.",
            "It must be possible to write --param name=value.",
            "Begin with a letter and use letters, digits, '.', '_' and '-'."),
    PARAM_PLACEHOLDER(
            "E223",
            ERROR,
            "Placeholder in a parameter's value",
            "The parameter \"{0}\" is given a placeholder: {1}.",
            "Only the script may use placeholders, such as runName and secret(\"…\").",
            "Give the value itself."),
    PARAM_FORM(
            "E224",
            ERROR,
            "Parameter value of a wrong type",
            "The parameter \"{0}\" is \"{1}\", which is not {2}.",
            "",
            "Write {2}, such as --param {0}={3}."),
    PARAM_MISSING(
            "E225",
            ERROR,
            "Required parameter without a value",
            "The parameter \"{0}\" has no value.",
            "",
            "Give it one ({1}) with --param {0}={2}, or a default in the script."),
    PARAM_UNKNOWN("E226", ERROR, "Unknown parameter", "The script has no parameter \"{0}\".", "", "{1}"),
    INSTANCE_TYPE_UNKNOWN(
            "E231",
            WARNING,
            "Unknown instance type",
            "The instance type \"{0}\" is unknown to this version of Emrys.{1}",
            "It is sent to EMR unchanged.",
            ""),
    APPLICATION_UNKNOWN(
            "E232",
            WARNING,
            "Unknown application",
            "The application \"{0}\" is unknown to this version of Emrys.{1}",
            "It is sent to EMR unchanged.",
            ""),
    SPARK_MISSING(
            "E233",
            WARNING,
            "Spark step on a cluster without Spark",
            "The step \"{0}\" needs Spark, and the cluster \"{1}\" does not install it.",
            "",
            "Add applications(Spark)."),
    UNORDERED_STEPS(
            "E234",
            WARNING,
            "Unordered steps on a cluster of step concurrency 1",
            "The cluster \"{0}\" runs one step at a time, and no order is declared between its steps \"{1}\" and \"{2}\".",
            "Without an order a step runs even when the one above it failed.",
            "Write sequence { … } around them when each needs the one before, or set stepConcurrency when they are independent."),
    VALUE_UNKNOWN(
            "E236",
            WARNING,
            "Value that Emrys does not know",
            "{0} \"{1}\" is unknown to this version of Emrys.{2}",
            "It is sent to EMR unchanged.",
            ""),
    ARGUMENT_EMPTY(
            "E237",
            WARNING,
            "Empty argument",
            "{0} is an empty text.",
            "A program takes it for a word of its own, and often for a wrong path or option.",
            "Remove it, or write what was meant."),
    ARGUMENT_S3(
            "E238",
            WARNING,
            "Argument like a location on S3",
            "{0}, \"{1}\", resembles a location on S3 and is none.",
            "A program takes it for a path of its own file system.",
            "Write s3://bucket/key."),
    DEPRECATED_WORD("E235", WARNING, "Deprecated word", "\"{0}\" is deprecated.", "", "Write {1} instead."),
    SCHEDULE_CRON("E241", ERROR, "Malformed cron expression", "{0}: \"{1}\", {2}.", "", "{3}"),
    SCHEDULE_ZONE(
            "E242",
            ERROR,
            "Unknown time zone",
            "The zone of the schedule \"{0}\" is \"{1}\", which is not known.{2}",
            "",
            "Write a name of the IANA database, such as Europe/Berlin, or UTC."),
    SCHEDULE_VALUE(
            "E243",
            ERROR,
            "Malformed value of a schedule",
            "{0} of the schedule \"{1}\" is \"{2}\".",
            "",
            "Write {3}."),
    SCHEDULE_TWICE(
            "E244",
            ERROR,
            "Schedule declared twice",
            "There are two schedules named \"{0}\".",
            "The name of a schedule tells its fires from those of the others.",
            "Give one of them another name: schedule(\"…\", name = \"…\")."),
    SCHEDULE_IMPOSSIBLE(
            "E245",
            ERROR,
            "Impossible schedule",
            "The schedule \"{0}\" cannot be used: {1}",
            "",
            "Correct it, or remove what restricts it."),
    NOTIFICATION_VALUE(
            "E246", ERROR, "Malformed value of notifications", "{0} of notifications is \"{1}\".", "", "Write {2}."),
    NOTIFICATIONS_EMPTY(
            "E247",
            ERROR,
            "Notifications without a receiver",
            "The notifications of the pipeline have no receiver.",
            "",
            "Add webhook(secret(\"…\")), command(\"…\"), email(…) or sns(\"…\"), or remove the block."),
    NOTIFICATIONS_TWICE(
            "E248",
            ERROR,
            "Notifications declared twice",
            "The pipeline has two blocks of notifications.",
            "",
            "Write all receivers into one block."),
    SCHEDULE_WORD(
            "E249",
            ERROR,
            "Word that a schedule does not take",
            "{0} has no meaning for the schedule \"{1}\", which {2}.",
            "",
            "Remove it."),
    SCHEDULE_LOOP(
            "E250",
            ERROR,
            "Schedule that starts itself",
            "The schedule \"{0}\" waits for the success of its own pipeline, \"{1}\".",
            "Each run would start the next one, without an end.",
            "Name another pipeline, or write schedule(every(…))."),
    AWS_VALUE("E251", ERROR, "Malformed value of aws", "{0} of aws is \"{1}\".", "", "Write {2}.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    ScriptCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
