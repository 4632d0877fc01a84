package dev.emrys.spec;

/**
 * The root cause of a failed attempt, as far as what the target, the program and its logs say shows it. It is finer
 * than {@link FailureKind}, which says where it failed. Our own closed words, stored under these names: one is never
 * changed or removed.
 */
public enum FailureCause {
    USER_EXCEPTION(
            "the program ended with an exception of its own",
            "Read the message and the program's log; the same input would fail again.",
            true),
    DRIVER_OUT_OF_MEMORY(
            "the driver, or a program of one process, ran out of memory",
            "Raise spark.driver.memory (with it the primary instance, if needed), or collect less to the driver.",
            true),
    EXECUTOR_OUT_OF_MEMORY(
            "an executor ran out of memory",
            "Raise spark.executor.memory, or use more partitions or fewer cores per executor.",
            true),
    CONTAINER_KILLED(
            "YARN killed a container that used more memory than it may",
            "Raise spark.executor.memoryOverhead (or spark.driver.memoryOverhead, mapreduce.map.memory.mb, mapreduce.reduce.memory.mb).",
            true),
    KILLED(
            "the process was killed from outside, which is mostly the operating system when memory runs out",
            "Give the step less memory than the machine has, or run fewer steps at the same time.",
            false),
    MISSING_INPUT(
            "an input does not exist",
            "Check the path, the bucket or the table, and that the step before has written it.",
            true),
    UNLOADABLE_CODE(
            "a class, jar, module or command is missing or does not fit",
            "Check the names and versions of the program, its packages and the release label.",
            true),
    SQL(
            "the SQL is wrong: the statement was not accepted",
            "Correct the statement; EMR's release decides which functions exist.",
            true),
    PERMISSION(
            "access was denied",
            "Allow the action for the role that the message names: the instance profile, the step's role, or the bucket's policy.",
            true),
    EXPIRED_CREDENTIALS(
            "credentials had expired", "Sign in again, or use a role whose credentials are renewed.", false),
    NETWORK(
            "a host could not be reached",
            "Check the name, the security groups, and the way from the subnet to the service.",
            false),
    THROTTLED(
            "a service refused requests because there were too many",
            "Use fewer at the same time, or ask for a higher limit.",
            false),
    DISK_FULL("a disk is full", "Give the instances larger volumes, or write less to local folders and HDFS.", true),
    SPOT_LOSS(
            "EC2 took Spot instances back",
            "Retry; use on-demand instances for the primary and the core group, or several instance types.",
            false),
    PRIMARY_LOST(
            "the primary instance was lost",
            "Retry; use three primary instances for a cluster that must survive it.",
            false),
    BOOTSTRAP("a bootstrap action failed", "Read the log of the bootstrap action that is named.", true),
    CAPACITY("EC2 has no such instances at the moment", "Retry later, or allow other instance types or zones.", false),
    QUOTA("a quota of the account is used up", "Wait for other clusters to end, or ask AWS for a higher quota.", false),
    MISSING_ROLE(
            "a role or an instance profile does not exist or cannot be used",
            "Create the default roles (aws emr create-default-roles), or name existing ones.",
            true),
    WRONG_RELEASE(
            "the release label or an application of it does not exist",
            "Name a release label and applications that the region has.",
            true),
    INVALID_REQUEST("EMR refused the request", "Correct what the message names.", true),
    SERVICE_ERROR("EMR reported an error of its own", "Retry; the status page of AWS may say more.", false),
    TIMEOUT("it ran longer than its timeout", "Raise the timeout, or find out what it waits for.", false),
    CANCELLED("it was cancelled from outside Emrys", "Find out who cancelled it: CloudTrail has the call.", false),
    STEP_VANISHED(
            "EMR does not know the step any more, so how it ended is unknown",
            "Look for its results before you run it again.",
            false),
    LOG_MISSING(
            "it failed without a reason, and no log says why",
            "Set logs of the cluster to a folder that the instance profile may write.",
            false),
    CLUSTER_ENDED(
            "its cluster ended, and EMR gives no reason",
            "Look at the cluster's events, and at CloudTrail for who ended it.",
            false);

    private final String title;
    private final String fix;
    private final boolean lasting;

    FailureCause(String title, String fix, boolean lasting) {
        this.title = title;
        this.fix = fix;
        this.lasting = lasting;
    }

    /** What happened, as the part of a sentence. */
    public String title() {
        return title;
    }

    /** What a person can do, as sentences. */
    public String fix() {
        return fix;
    }

    /** Whether another attempt without a change is likely to fail in the same way. */
    public boolean isLasting() {
        return lasting;
    }
}
