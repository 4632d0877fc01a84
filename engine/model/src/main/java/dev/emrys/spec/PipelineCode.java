package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;
import static dev.emrys.spec.Severity.WARNING;

/** E10x, E14x to E16x and from E185 on: a pipeline, its names, its tasks, their retries and their order. */
public enum PipelineCode implements DiagnosticCode {
    // A pipeline and its names
    PIPELINE_EMPTY(
            "E101",
            ERROR,
            "Pipeline without a cluster",
            "The pipeline \"{0}\" has no cluster, so it has nothing to do.",
            "",
            "Add a cluster and a step: val c = cluster(\"c\") { … } and c.step(\"s\") { … }."),
    NAME_EMPTY("E102", ERROR, "Empty name", "The {0} has an empty name.", "", "Give it a name, such as \"{0}-1\"."),
    NAME_TOO_LONG(
            "E103",
            ERROR,
            "Name too long",
            "The name of the {0} \"{1}…\" has {2} characters.",
            "EMR takes 256, and Emrys appends the key of the attempt.",
            "Write at most {3}."),
    NAME_CHARACTERS(
            "E104",
            ERROR,
            "Characters that a name cannot have",
            "The {0} name \"{1}\" has characters that a name cannot have.",
            "",
            "Begin with a letter or a digit and use letters, digits, spaces, '.', '_' and '-'."),
    NAME_TWICE(
            "E105",
            ERROR,
            "Name used twice",
            "There are two {0}s named \"{1}\".",
            "",
            "The first is at {2}: rename one of them."),
    BUDGET_RANGE(
            "E106",
            ERROR,
            "Budget out of range",
            "The budget of {0} US dollars is out of range.",
            "",
            "Write more than zero and at most {1}, such as budget = 25.usd."),
    BUDGET_UNPRICED(
            "E107",
            ERROR,
            "Budget without all prices",
            "There is no price for {0}, which the budget of {1} must count.",
            "The cost of the run would be counted too low.",
            "Give the price in a file that aws.prices of emrys.properties names, or leave the budget out."),
    BUDGET_SPENT(
            "E108",
            ERROR,
            "Budget that is spent",
            "The run {0} has cost {1} by estimate, and its budget is {2}.",
            "",
            "Continue it with a larger one: emrys resume {0} --budget USD."),
    // Steps
    STEP_WITHOUT_JAR(
            "E141",
            ERROR,
            "Step without a jar",
            "The step \"{0}\" has no jar.",
            "",
            "Name one, such as \"s3://bucket/job.jar\" or \"command-runner.jar\"."),
    COMMAND_RUNNER_EMPTY(
            "E142",
            ERROR,
            "command-runner.jar without a command",
            "The step \"{0}\" gives command-runner.jar no command to run.",
            "",
            "Name the command first, such as args(\"spark-submit\", …)."),
    ARGUMENT_TOO_LONG(
            "E143",
            ERROR,
            "Argument too long",
            "An argument of the step \"{0}\" has {1} characters; EMR takes {2}.",
            "",
            "Put the text into a file on s3:// and pass its name."),
    STEP_TOO_LONG(
            "E167",
            ERROR,
            "Step too long",
            "The jar, main class, arguments and properties of the step \"{0}\" have {1} characters; EMR takes {2}.",
            "",
            "Put the long ones into a file on s3:// and pass its name."),
    ARGUMENT_FOR_LINUX(
            "E168",
            ERROR,
            "Argument too long for Linux",
            "An argument of the step \"{0}\" has {1} bytes; Linux passes {2} to a program.",
            "",
            "Put the text into a file on s3:// and pass its name."),
    ARGUMENT_NUL(
            "E144",
            ERROR,
            "NUL character in an argument",
            "An argument of the step \"{0}\" holds a NUL character.",
            "The operating system cannot pass one to a program.",
            "Remove it."),
    TIMEOUT_TOO_SHORT(
            "E145",
            ERROR,
            "Timeout too short",
            "The {0} \"{1}\" has a timeout of {2}.",
            "",
            "Write at least 1.seconds, or leave it out for no limit."),
    CLUSTER_UNKNOWN(
            "E146",
            ERROR,
            "Unknown cluster",
            "The {0} \"{1}\" is for a cluster \"{2}\" that does not exist.",
            "",
            "Declare the cluster in the same pipeline."),
    RETRY_AFTER_IDLE_TIMEOUT(
            "E147",
            ERROR,
            "Retry wait longer than the idle timeout",
            "The {0} \"{1}\" may wait {2} before it is retried, and its cluster \"{3}\" ends itself when it is idle for {4}.",
            "That retry could never run.",
            "Write a longer idleTimeout for the cluster, or a shorter backoff for the {0}."),
    WAIT_OUT_OF_RANGE(
            "E148",
            ERROR,
            "Wait out of range",
            "The wait \"{0}\" has a duration of {1}.",
            "",
            "Write 0 to 365 days, such as 10.minutes."),
    RETRY_CONDITIONS(
            "E151",
            ERROR,
            "Retry conditions can never occur",
            "The retry of {0} is on {1} only, and it never fails in that way.",
            "",
            "It can fail on {2}."),
    RETRY_ATTEMPTS(
            "E152",
            ERROR,
            "Number of attempts out of range",
            "retry has attempts = {0}.",
            "The first attempt counts.",
            "Write 1 (no retry) to {1}."),
    RETRY_REFUSED(
            "E153",
            ERROR,
            "Retry of a refused request",
            "A refused request cannot be retried.",
            "EMR would refuse the same request again.",
            "Remove it from on(…)."),
    RETRY_LIMIT(
            "E157",
            ERROR,
            "Limit of a cause out of range",
            "retry has a limit of {0} for {1}.",
            "It is the number of attempts that may fail for this cause, the first included.",
            "Write 1 (no retry after this cause) to {2}."),
    BACKOFF_NEGATIVE(
            "E154",
            ERROR,
            "Negative backoff",
            "A backoff of {0} up to {1} is negative.",
            "",
            "Write a wait of zero or more."),
    BACKOFF_FACTOR(
            "E155",
            ERROR,
            "Backoff factor out of range",
            "The backoff factor {0} is out of range.",
            "",
            "Write a factor from 1 (constant) to 100."),
    BACKOFF_JITTER(
            "E156",
            ERROR,
            "Backoff jitter out of range",
            "The backoff jitter {0} is out of range.",
            "",
            "Write a share from 0.0 to 1.0."),
    UPSTREAM_UNKNOWN(
            "E161",
            ERROR,
            "Unknown upstream step",
            "The {0} \"{1}\" is after \"{2}\", which does not exist.",
            "",
            "Name a task of this pipeline."),
    CYCLE(
            "E162",
            ERROR,
            "Cycle",
            "The tasks wait for each other in a cycle: {0}.",
            "None of the tasks could ever start.",
            "Remove one of these after(…)."),
    RETRY_CAPACITY_EMPTY(
            "E163",
            ERROR,
            "Retry without another capacity",
            "An onRetry { } of the cluster \"{0}\" names no instances and no place.",
            "",
            "Write instances { }, subnet, subnets(…) or zones(…) in it, or remove it."),
    // Operations on clusters
    RESIZE_EMPTY(
            "E185",
            ERROR,
            "Resize without a size",
            "The operation \"{0}\" names no instance group or fleet, or no size for it.",
            "",
            "Give one, such as core = 10, task = 20 or coreFleet(onDemand = 4)."),
    RESIZE_MIXED(
            "E186",
            ERROR,
            "Resize of groups and fleets",
            "The operation \"{0}\" resizes instance groups and instance fleets.",
            "A cluster has either groups or fleets.",
            "Keep those that the cluster has."),
    RESIZE_RANGE(
            "E187",
            ERROR,
            "Size out of range",
            "The operation \"{0}\" gives the {1} a size of {2}.",
            "",
            "Write {3} to {4}."),
    RESIZE_TWICE("E188", ERROR, "Two sizes", "The operation \"{0}\" gives the {1} two sizes.", "", "Keep one of them."),
    RESIZE_PRIMARY(
            "E189",
            ERROR,
            "Resize of the primary instances",
            "The operation \"{0}\" resizes the primary instances.",
            "EMR resizes core and task instances only: a cluster keeps its 1 or 3 primary instances.",
            "Resize core or task instances, or start another cluster."),
    RESIZE_OF_NONE(
            "E190",
            ERROR,
            "Resize of what the cluster does not have",
            "The operation \"{0}\" resizes the {1} of the cluster \"{2}\", which has none.",
            "A resize changes what is there; it adds no group or fleet.",
            "Declare it in instances { } of the cluster, or resize another one."),
    RESIZE_OF_SEVERAL(
            "E191",
            ERROR,
            "Resize of one of several groups",
            "The operation \"{0}\" resizes the {1} of the cluster \"{2}\", which has several.",
            "Which one is meant is not guessed.",
            "Name it: group(\"its name\", count)."),
    OPERATION_STEP_CONCURRENCY(
            "E192",
            ERROR,
            "Step concurrency of an operation out of range",
            "The operation \"{0}\" sets a step concurrency of {1}.",
            "",
            "EMR takes 1 to {2}."),
    OPERATION_IDLE_TIMEOUT(
            "E193",
            ERROR,
            "Idle timeout of an operation out of range",
            "The operation \"{0}\" sets an idle timeout of {1}.",
            "",
            "EMR takes 1.minutes to 7.days."),
    OPERATION_WITHOUT_IDLE_TIMEOUT(
            "E194",
            ERROR,
            "Cluster of the run without an idle timeout",
            "The operation \"{0}\" removes the idle timeout of the cluster \"{1}\", which the run starts.",
            "If Emrys could not end the cluster, it would keep running and cost money.",
            "Set a longer one: changeIdleTimeout(…, to = 12.hours)."),
    OPERATION_IDLE_TIMEOUT_RELEASE(
            "E195",
            ERROR,
            "Release label without auto-termination",
            "The operation \"{0}\" sets the idle timeout of the cluster \"{1}\", whose release label is {2}.",
            "EMR ends idle clusters from emr-5.30.0 and emr-6.1.0 on.",
            "Use a newer release label, or remove the operation."),
    OPERATION_ON_END_OF_OWN(
            "E196",
            ERROR,
            "Operation on the end of the run's own cluster",
            "The operation \"{0}\" {1} the cluster \"{2}\", which the run starts.",
            "The run itself ends it, after its last task.",
            "Remove the operation; endCluster(…) and awaitEnd(…) are for existing clusters."),
    STEP_CHOICE(
            "E197",
            ERROR,
            "Operation without a step, or with two",
            "The operation \"{0}\" names no step, or one by its id and by its name.",
            "",
            "Write either stepId = \"s-…\" or stepName = \"…\"."),
    STEP_ID(
            "E198",
            ERROR,
            "Malformed id of a step",
            "The operation \"{0}\" names a step by the id \"{1}\".",
            "",
            "EMR's ids of steps are like s-3ABCDEFGHIJKL; for a name write stepName."),
    NOTEBOOK_CHOICE(
            "E164",
            ERROR,
            "Operation without a notebook, or with two",
            "The operation \"{0}\" names no notebook, a part of it, or two.",
            "",
            "Write either workspace(\"e-…\", \"path/in/it.ipynb\") or notebook = s3(\"s3://bucket/key.ipynb\")."),
    NOTEBOOK_MEMBER(
            "E165",
            ERROR,
            "Malformed value of a notebook execution",
            "The operation \"{0}\" gives {1} the value \"{2}\".",
            "",
            "{3}"),
    NOTEBOOK_APPLICATION(
            "E166",
            WARNING,
            "Cluster without what notebooks need",
            "The operation \"{0}\" executes a notebook on the cluster \"{1}\", whose applications lack {2}.",
            "EMR executes notebooks through Jupyter Enterprise Gateway, and those of Spark through Livy.",
            "Add to the cluster: applications({3})."),
    KEPT_WITHOUT_IDLE_TIMEOUT(
            "E199",
            ERROR,
            "Cluster that nothing would end",
            "The cluster \"{0}\" has keepAfterRun, and {1} has no auto-termination: nothing would ever end it.",
            "EMR ends idle clusters from emr-5.30.0 on, and from emr-6.1.0 on.",
            "Take a newer release, or leave keepAfterRun out.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    PipelineCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
