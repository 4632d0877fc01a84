package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;

/** E11x to E13x and E17x: the clusters of a pipeline. */
public enum ClusterCode implements DiagnosticCode {
    // Clusters
    CLUSTER_WITHOUT_STEPS(
            "E111",
            ERROR,
            "Cluster without a step",
            "The cluster \"{0}\" has no step.",
            "It would cost money and do nothing.",
            "Give it one with step(\"…\") { … }, or remove the cluster."),
    RELEASE_LABEL(
            "E112",
            ERROR,
            "Malformed release label",
            "The cluster \"{0}\" has the release label \"{1}\".",
            "",
            "Write one of EMR's, such as Release(\"emr-7.8.0\")."),
    STEP_CONCURRENCY_RANGE(
            "E113",
            ERROR,
            "Step concurrency out of range",
            "The cluster \"{0}\" has stepConcurrency = {1}.",
            "",
            "EMR takes 1 to {2}."),
    STEP_CONCURRENCY_RELEASE(
            "E114",
            ERROR,
            "Release label without step concurrency",
            "The cluster \"{0}\" has stepConcurrency = {1} and the release label {2}.",
            "EMR runs steps concurrently from emr-5.28.0 on.",
            "Use a newer release label, or remove stepConcurrency."),
    IDLE_TIMEOUT_RANGE(
            "E115",
            ERROR,
            "Idle timeout out of range",
            "The cluster \"{0}\" has an idle timeout of {1}.",
            "",
            "EMR takes 1.minutes to 7.days."),
    LOG_LOCATION(
            "E116",
            ERROR,
            "Log location not on S3",
            "The log location \"{0}\" of the cluster \"{1}\" is not on S3.",
            "",
            "Write s3(\"s3://bucket/prefix/\")."),
    PRESTO_AND_TRINO(
            "E117",
            ERROR,
            "Presto and Trino on one cluster",
            "The cluster \"{0}\" has both Presto and Trino.",
            "EMR installs only one of them on a cluster.",
            "Remove one of the two."),
    PRIMARY_GROUPS(
            "E118",
            ERROR,
            "Not exactly one primary instance group",
            "The cluster \"{0}\" has {1} primary instance groups.",
            "",
            "Write exactly one, such as instances { primary(\"m6g.xlarge\") }."),
    CORE_GROUPS(
            "E119",
            ERROR,
            "More than one core instance group",
            "The cluster \"{0}\" has {1} core instance groups.",
            "EMR takes one.",
            "Raise its count, or make the others task groups."),
    TASK_WITHOUT_CORE(
            "E120",
            ERROR,
            "Task nodes without core nodes",
            "The cluster \"{0}\" has task nodes and no core nodes.",
            "Clusters with task nodes must also define core nodes.",
            "Add core(\"m6g.xlarge\")."),
    SECRET_READABLE(
            "E121",
            ERROR,
            "Secret in a readable place",
            "The cluster \"{0}\" has the secret \"{1}\" in a tag or in its log location.",
            "Everybody with access to the AWS account can read these.",
            "Use secrets only in steps, configurations or bootstrap actions."),
    PLACEHOLDER_MISPLACED(
            "E122",
            ERROR,
            "Placeholder that is not filled in",
            "The cluster \"{0}\" has the placeholder {1} in a member where placeholders are not filled in.",
            "runName, runId, attempt and secret(…) are filled in in steps, configurations and bootstrap arguments; the first three also in tags and in the log location.",
            "Move it there, or write the value."),
    TAG_COUNT(
            "E123",
            ERROR,
            "Too many tags",
            "The cluster \"{0}\" has {1} tags.",
            "EMR takes 50, and Emrys adds its own.",
            "Keep {2} or fewer."),
    TAG_LENGTH(
            "E124",
            ERROR,
            "Tag key or value of a wrong length",
            "The tag \"{0}\" of the cluster \"{1}\" is too long or has no key.",
            "",
            "A key has 1 to 128 characters, a value at most 256."),
    TAG_RESERVED(
            "E125",
            ERROR,
            "Reserved tag key",
            "The tag key \"{0}\" is reserved.",
            "Keys that begin with aws: belong to Amazon, with emrys: to Emrys.",
            "Choose another."),
    CONFIGURATION_UNNAMED(
            "E126",
            ERROR,
            "Configuration without a classification",
            "A configuration has an empty classification.",
            "",
            "Name one, such as \"spark-defaults\"."),
    INSTANCE_TYPE_FORM(
            "E127",
            ERROR,
            "Malformed instance type",
            "\"{0}\" does not have the form of an instance type.",
            "",
            "Write family.size, such as \"m6g.xlarge\"."),
    PRIMARY_COUNT(
            "E128",
            ERROR,
            "Number of primary instances",
            "The primary group has {0} instances.",
            "",
            "EMR takes 1, or 3 for high availability."),
    GROUP_COUNT(
            "E129",
            ERROR,
            "Number of instances out of range",
            "The {0} group has {1} instances.",
            "",
            "Write 1 to {2}, or remove the group."),
    SPOT_PRICE(
            "E130",
            ERROR,
            "Malformed Spot price",
            "\"{0}\" is not a price.",
            "",
            "Write US dollars per hour, such as \"0.12\", or leave it out to pay up to the on-demand price."),
    MEMBER_FORM("E131", ERROR, "Malformed value", "{0} of {1} is \"{2}\".", "", "Write {3}."),
    MEMBER_LENGTH(
            "E132",
            ERROR,
            "Text of a wrong length",
            "{0} of {1} has {2} characters.",
            "",
            "EMR takes 1 to {3}; leave it out for none."),
    MEMBER_RANGE("E133", ERROR, "Number out of range", "{0} of {1} is {2}.", "", "EMR takes {3}."),
    MEMBER_PLACEHOLDER(
            "E134",
            ERROR,
            "Placeholder in a member of the cluster",
            "{0} of {1} contains the placeholder {2}.",
            "Nothing is filled in there.",
            "Write the value; one from outside is a param(…)."),
    MEMBERS_EXCLUSIVE(
            "E135",
            ERROR,
            "Words that exclude each other",
            "There are both {1} and {2} in {0}.",
            "{3}",
            "Remove one of the two."),
    MEMBER_NEEDS("E136", ERROR, "Word that needs another", "There is {1} in {0}, but no {2}.", "", "{3}"),
    TOO_MANY(
            "E137",
            ERROR,
            "Too many elements of a cluster",
            "The cluster \"{0}\" has {1} {2}.",
            "",
            "EMR takes at most {3}."),
    GROUPS_AND_FLEETS(
            "E138",
            ERROR,
            "Instance group beside instance fleets",
            "The cluster \"{0}\" has instance groups and instance fleets.",
            "EMR takes one of the two forms for a whole cluster.",
            "Write primary, core and task, or primaryFleet, coreFleet and taskFleet."),
    FLEET_ROLES(
            "E139",
            ERROR,
            "Number of instance fleets",
            "The cluster \"{0}\" has {1} {2} fleets.",
            "EMR takes one fleet per role, and needs the primary one.",
            "Write one fleet with all types of the role, such as "
                    + "{2}Fleet { type(\"m6g.xlarge\"); type(\"m5.xlarge\") }."),
    FLEET_CAPACITY(
            "E171",
            ERROR,
            "Capacity of an instance fleet",
            "The {0} fleet has a capacity of {1} on-demand and {2} Spot units.",
            "",
            "{3}"),
    FLEET_TYPES(
            "E172",
            ERROR,
            "Number of instance types of a fleet",
            "The {0} fleet has {1} instance types.",
            "EMR takes 5, or 30 with an allocation strategy.",
            "Write 1 to {2} times type(\"…\")."),
    FLEET_TYPE_TWICE(
            "E173",
            ERROR,
            "Instance type twice in a fleet",
            "The {0} fleet has the instance type {1} twice.",
            "",
            "Remove one, or add its weight to the other."),
    MANAGED_SCALING_RELEASE(
            "E174",
            ERROR,
            "Release label without managed scaling",
            "The cluster \"{0}\" has managed scaling and the release label {1}.",
            "EMR has managed scaling from emr-5.30.0 on, but not in emr-6.0.0.",
            "Use a newer release label, or remove managedScaling."),
    MANAGED_SCALING_LIMITS(
            "E175",
            ERROR,
            "Limits of managed scaling",
            "{0} = {1} of managedScaling is greater than maximum = {2}.",
            "",
            "Raise maximum, or lower {0}."),
    MANAGED_SCALING_UNIT(
            "E176",
            ERROR,
            "Unit of managed scaling",
            "The unit {0} of managedScaling does not fit a cluster of instance {1}.",
            "",
            "Write {2}, or leave it out."),
    PASSWORD_IN_SPEC(
            "E177",
            ERROR,
            "Password in a spec",
            "A password of kerberos of {0} is a plain text.",
            "Everybody who can read the journal or the plan could read it.",
            "Write secret(\"…\")."),
    SPOT_PERCENT_OF_GROUP(
            "E178",
            ERROR,
            "Percentage for an instance group",
            "The highest Spot price of an instance group is {0} percent of the on-demand price.",
            "EMR takes a percentage only for the types of an instance fleet; for a group only 100 percent, "
                    + "its default.",
            "Write maxPricePerHour = \"0.12\", or use an instance fleet."),
    EXISTING_CLUSTER_TWO_WAYS(
            "E179",
            ERROR,
            "Existing cluster that is named in two ways",
            "The existing cluster \"{0}\" has an id, and a name on EMR or states too.",
            "An id names one cluster, whatever its name and its state are.",
            "Leave out either id, or clusterName and states."),
    EXISTING_CLUSTER_ID(
            "E180",
            ERROR,
            "Malformed id of a cluster",
            "The id of the existing cluster \"{0}\" is \"{1}\".",
            "",
            "Write an id as EMR gives it, such as j-2AXXXXXXGAPLF: aws emr list-clusters --active."),
    EXISTING_CLUSTER_NAME(
            "E181",
            ERROR,
            "Length of the name of an existing cluster",
            "The name on EMR of the existing cluster \"{0}\" is blank or has {1} characters.",
            "EMR takes 1 to {2} characters.",
            "Write the name that aws emr list-clusters --active shows."),
    EXISTING_CLUSTER_STATES(
            "E182",
            ERROR,
            "Existing cluster without a state",
            "The existing cluster \"{0}\" is looked for in no state.",
            "",
            "Write states(ClusterState.Waiting, ClusterState.Running), or leave states out."),
    EXISTING_CLUSTER_UNUSED(
            "E183",
            ERROR,
            "Existing cluster without a step",
            "The existing cluster \"{0}\" has no step, so it is not used.",
            "",
            "Add a step, or remove the cluster."),
    EXISTING_CLUSTER_TWICE(
            "E184",
            ERROR,
            "Existing cluster twice in a pipeline",
            "The cluster {0} is named twice: as \"{1}\" and as \"{2}\".",
            "",
            "Use the first one for all steps.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    ClusterCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
