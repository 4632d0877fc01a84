package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;

/** E11x to E13x: the clusters of a pipeline. */
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
            "Write US dollars per hour, such as \"0.12\", or leave it out to pay up to the on-demand price.");

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
