package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;

/** E5xx: errors in a command line and in a params file. */
public enum CommandCode implements DiagnosticCode {
    COMMAND_MISSING(
            "E501",
            ERROR,
            "Command missing",
            "A command is required.",
            "",
            "Write one of {0}. `emrys --help` explains them."),
    COMMAND_UNKNOWN("E502", ERROR, "Unknown command", "There is no command \"{0}\".", "", "{1}"),
    OPTION_UNKNOWN("E503", ERROR, "Unknown option", "{0} has no option \"{1}\".", "", "{2}"),
    ARGUMENT_UNEXPECTED(
            "E504",
            ERROR,
            "Unexpected argument",
            "The argument \"{0}\" is unexpected.",
            "",
            "Remove it, or quote an argument that contains spaces. `{1} --help` lists the arguments."),
    ARGUMENT_MISSING(
            "E505",
            ERROR,
            "Argument missing",
            "The argument {0} is missing.",
            "",
            "Run `{1} --help` for the arguments."),
    OPTION_WITHOUT_VALUE("E506", ERROR, "Option without a value", "The option {0} has no value.", "", "Write {0} {1}."),
    OPTION_VALUE(
            "E507", ERROR, "Value that an option does not take", "\"{0}\" is not a value of {1}.", "", "Write {2}."),
    OPTION_TWICE("E508", ERROR, "Option given twice", "The option {0} is given more than once.", "", "Write it once."),
    COMMAND_LINE_INVALID(
            "E509",
            ERROR,
            "Other error in the command line",
            "The command line cannot be read: {0}.",
            "",
            "Run `{1} --help` for the options and the arguments."),
    // Params
    PARAM_SYNTAX(
            "E511",
            ERROR,
            "--param without a name or a value",
            "--param {0} has no name or no '='.",
            "",
            "Write --param name=value."),
    PARAM_REPEATED("E512", ERROR, "--param given twice", "--param {0} is given more than once.", "", "Write it once."),
    PARAMS_UNREADABLE(
            "E513", ERROR, "Params file that cannot be read", "The params file cannot be read: {0}.", "", "{1}"),
    PARAMS_JSON(
            "E514",
            ERROR,
            "Malformed params file",
            "The params file cannot be read as JSON: {0}.",
            "",
            "Write one object, such as {\"day\": \"2026-04-25\"}."),
    PARAMS_NO_OBJECT(
            "E515",
            ERROR,
            "Params file that is not an object",
            "The params file is not a JSON object: it {0}.",
            "",
            "Write one, such as {\"day\": \"2026-04-25\"}."),
    PARAMS_VALUE(
            "E516",
            ERROR,
            "Param of a wrong JSON type",
            "The value of the param \"{0}\" is {1}.",
            "",
            "Write a text, a number, true or false."),
    // Runs, steps and logs
    NO_RUNS(
            "E521",
            ERROR,
            "State folder without runs",
            "There are no runs in {0}.",
            "",
            "Name the state folder with --state, or change to the folder of the script."),
    NO_RUN_YET("E522", ERROR, "No run yet", "There is no run yet.", "", "`emrys run FILE` starts one."),
    RUN_UNKNOWN("E523", ERROR, "Unknown run", "There is no run \"{0}\" here.", "", "`emrys runs` lists the runs."),
    RUN_AMBIGUOUS("E524", ERROR, "Several runs match", "{0}", "", "{1}"),
    RUN_IN_SEVERAL_FOLDERS(
            "E525",
            ERROR,
            "Run in several state folders",
            "There are runs \"{0}\" in {1}.",
            "",
            "Name one of these folders with --state."),
    STEP_UNKNOWN("E531", ERROR, "Unknown step", "The run has no step \"{0}\".", "", "Its steps: {1}."),
    STEP_NOT_NAMED("E532", ERROR, "Step not named", "{0}", "", "Name a STEP: {1}."),
    LOG_UNKNOWN("E533", ERROR, "Unknown log", "There is no log \"{0}\".", "", "Write one of {1}."),
    LOGS_MISSING("E534", ERROR, "Step without logs", "The step \"{0}\" has no logs: {1}.", "", ""),
    LOGS_ELSEWHERE(
            "E535",
            ERROR,
            "Logs that are elsewhere",
            "The logs of the step \"{0}\" are at {1}",
            "EMR copies them every 5 minutes, and when the cluster ends.",
            "Read one with: aws s3 cp {1}stderr.gz - | gunzip"),
    LIMIT_RANGE("E541", ERROR, "Limit out of range", "{0} {1} is less than 1.", "", "Write a number from 1."),
    // Schedules
    AT_FORM(
            "E551",
            ERROR,
            "--at without a time",
            "--at {0} is not a time.",
            "",
            "Write `last`, a time with an offset, such as 2026-04-25T03:00:00+02:00, or a local time of the schedule's zone."),
    NO_SCHEDULE(
            "E552",
            ERROR,
            "Pipeline without a schedule",
            "The pipeline \"{0}\" has no schedule.",
            "",
            "Add one to the script: schedule(\"0 3 * * *\")."),
    NO_FIRE(
            "E553",
            ERROR,
            "Time at which no schedule fires",
            "No schedule of the pipeline \"{0}\" fires at {1}.",
            "",
            "{2}"),
    FIRE_OF_OTHER_SCRIPT(
            "E554",
            ERROR,
            "Run of another script for this fire",
            "The run {0} is of the script {1}.",
            "A journal has one run for each fire of a pipeline.",
            "Give one of the pipelines another name, or use another state folder."),
    SCHEDULE_UNKNOWN("E555", ERROR, "Unknown schedule", "There is no schedule \"{0}\".", "", "{1}"),
    SCHEDULE_IN_SEVERAL_FOLDERS(
            "E556",
            ERROR,
            "Schedule in several state folders",
            "There are schedules \"{0}\" in {1}.",
            "",
            "Name one of these folders with --state."),
    SERVED_PATH_MISSING(
            "E557",
            ERROR,
            "No script to serve",
            "{0} is neither a script nor a folder.",
            "",
            "Name .emr.kts files, or folders with such files."),
    BACKFILL_RANGE(
            "E558",
            ERROR,
            "Backfill without an order of times",
            "--from {0} is not before --to {1}.",
            "",
            "--to is exclusive: to repeat one day, name the next one."),
    BACKFILL_TIME(
            "E559",
            ERROR,
            "Backfill without a time",
            "{0} is not a time.",
            "",
            "Write a date or time of the schedule's zone, such as 2026-04-25 or 2026-04-25T03:00, or a time with an offset."),
    HTTP_ADDRESS(
            "E560", ERROR, "Unusable address of --http", "--http {0}: {1}", "", "Write a port, HOST:PORT, or off."),
    SCHEDULE_WITHOUT_TIMES(
            "E561", ERROR, "Schedule without times", "The schedule {0} has no times: it fires {1}.", "", "{2}"),
    // Installation of schedules
    LAUNCHER_UNKNOWN(
            "E571",
            ERROR,
            "Installation without the program",
            "The program to be called cannot be found: {0}.",
            "",
            "Start this command with the file `emrys` of the installation."),
    NOTHING_TO_INSTALL(
            "E572",
            ERROR,
            "Installation without a schedule",
            "{0} has no schedule.",
            "",
            "Add one to a script: schedule(\"0 3 * * *\")."),
    INSTALLED_CHARACTER(
            "E573",
            ERROR,
            "Control character in an installation",
            "{0} has a control character.",
            "A line of a crontab or of a systemd unit cannot hold it.",
            "Use another name."),
    CRONTAB_UNUSABLE(
            "E574",
            ERROR,
            "Crontab that cannot be read or written",
            "The crontab cannot be {0}: {1}.",
            "",
            "Nothing was changed. `crontab -l` and `crontab -e` must work for this user."),
    CRONTAB_INCOMPLETE(
            "E575",
            ERROR,
            "Incomplete installation in the crontab",
            "The crontab has the line \"{0}\" without its end.",
            "Emrys replaces what is between the two lines.",
            "Remove what is left of the installation with `crontab -e`."),
    NOT_INSTALLED("E576", ERROR, "Nothing to uninstall", "Nothing is installed for {0}.", "", "{1}"),
    INSTALLED_PASSWORD(
            "E577",
            ERROR,
            "Password in an installation",
            "The journal's URL has a password.",
            "All users of a machine can read the arguments of its processes.",
            "Write it without, and the password to ~/.pgpass."),
    INSTALLED_PERIOD(
            "E578",
            ERROR,
            "Period out of range",
            "--every-minutes {0} is not from 1 to 59.",
            "",
            "A schedule fires at its own times, up to one period late."),
    UNITS_UNUSABLE(
            "E579",
            ERROR,
            "Units that cannot be written",
            "The units in {0} cannot be changed: {1}.",
            "",
            "Name another folder with --units."),
    PROPERTIES_KEY(
            "E581",
            ERROR,
            "Unknown key in emrys.properties",
            "\"{0}\" is not a key of emrys.properties.",
            "",
            "{1}Its keys: {2}."),
    PROPERTIES_LINE(
            "E582",
            ERROR,
            "Line of emrys.properties without a value",
            "\"{0}\" has no value.",
            "",
            "Write KEY = VALUE, one in a line; comments begin with #."),
    PROPERTIES_TARGET(
            "E583", ERROR, "Unknown target", "\"{0}\" is not a target.", "", "Write target = local or target = aws."),
    PROPERTIES_TWICE("E584", ERROR, "Key given twice", "{0} is in this file more than once.", "", "Write it once."),
    PROPERTIES_UNREADABLE(
            "E585", ERROR, "emrys.properties that cannot be read", "{0} cannot be read: {1}.", "", "Make it readable."),
    AWS_OPTION(
            "E586",
            ERROR,
            "Option of another target",
            "{0} is for the target aws, and the target is {1}.",
            "",
            "Add --target aws, or leave {0} out."),
    TARGET_OF_RUN(
            "E587",
            ERROR,
            "Run of another target",
            "The run {0} was started on {1}, and cannot go on on {2}.",
            "Its clusters and steps are there.",
            "Leave the option out, or start a new run."),
    ENDPOINT_FORM(
            "E588",
            ERROR,
            "Malformed endpoint",
            "The endpoint \"{0}\" is not a URL.",
            "",
            "Write one such as http://127.0.0.1:8790."),
    PRICES_UNREADABLE(
            "E589",
            ERROR,
            "File of prices that cannot be read",
            "The prices in {0} cannot be read: {1}.",
            "",
            "Write a JSON object with date, region and prices; the section Cost of the README shows one."),
    BUDGET_OPTION(
            "E590",
            ERROR,
            "Malformed budget",
            "The budget \"{0}\" is not an amount of US dollars.",
            "",
            "Write a number of more than zero, such as --budget 40."),
    STAGING_FORM(
            "E591",
            ERROR,
            "Malformed place for files",
            "\"{0}\" is no folder on S3.",
            "Files of this machine are copied to it for a cluster on AWS.",
            "Write one such as s3://bucket/prefix/."),
    FAULTS_ENDPOINT(
            "E592",
            ERROR,
            "No emulator named",
            "\"{0}\" does not name an emulator of this machine and one of its accounts.",
            "",
            "Set AWS_ENDPOINT_URL_EMR and AWS_ACCESS_KEY_ID as emrys emulator prints them, or give --endpoint-url and"
                    + " --access-key."),
    FAULTS_REFUSED(
            "E593",
            ERROR,
            "Fault rules that are wrong",
            "The fault rules in {0} are not added: {1}.",
            "",
            "Correct them; engine/emulator/FAULTS.md says what a rule has.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    CommandCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
