package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;
import static dev.emrys.spec.Severity.WARNING;

/** E7xx: what AWS refuses, or lacks for a run. */
public enum AwsCode implements DiagnosticCode {
    CREDENTIALS_MISSING(
            "E701",
            ERROR,
            "No AWS credentials",
            "There are no AWS credentials{0}: {1}.",
            "",
            "Run `aws configure` or `aws sso login`, name a profile with --profile, or set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY."),
    CREDENTIALS_EXPIRED(
            "E702", ERROR, "AWS credentials that have expired", "The AWS credentials have expired: {0}.", "", "{1}"),
    CREDENTIALS_INVALID(
            "E703",
            ERROR,
            "AWS credentials that AWS does not know",
            "AWS does not accept the credentials: {0}.",
            "",
            "Correct the access key and its secret; the key may have been deleted or deactivated."),
    REGION_MISSING(
            "E704",
            ERROR,
            "No AWS region",
            "There is no AWS region for the run.",
            "",
            "Write --region, aws.region in emrys.properties, or AWS_REGION in the environment."),
    PROFILE_UNKNOWN(
            "E705",
            ERROR,
            "Unusable AWS profile",
            "The AWS profile \"{0}\" cannot be used: {1}.",
            "",
            "`aws configure list-profiles` lists the profiles; name one with --profile."),
    ACCESS_DENIED(
            "E706",
            ERROR,
            "Action that AWS denies",
            "AWS denies {0}: {1}.",
            "",
            "Allow {0} in a policy of the caller."),
    ROLE_UNUSABLE(
            "E707",
            ERROR,
            "Role that cannot be assumed",
            "The role {0} cannot be assumed: {1}.",
            "",
            "The caller needs sts:AssumeRole for the role, and the role's trust policy must allow the caller."),
    CLOCK_WRONG(
            "E708",
            ERROR,
            "Clock that differs from that of AWS",
            "AWS refuses the time of a request: {0}.",
            "AWS accepts requests whose time differs from its own by a few minutes at most.",
            "Correct the clock of this machine."),
    UNREACHABLE(
            "E709",
            ERROR,
            "AWS that cannot be reached",
            "{0} cannot be reached: {1}.",
            "",
            "Check the network, the proxy, and the region."),
    THROTTLED(
            "E710",
            ERROR,
            "Too many requests to AWS",
            "AWS refuses a request, since there were too many: {0}.",
            "",
            "Try again in a minute."),
    CLUSTER_ROLE(
            "E711",
            ERROR,
            "Role of a cluster that EMR does not accept",
            "EMR does not accept a role of the cluster: {0}.",
            "",
            "`aws emr create-default-roles` creates EMR's default roles; a cluster's serviceRole and instanceProfile name"
                    + " others."),
    SUBNET(
            "E712",
            ERROR,
            "Subnet that EMR does not accept",
            "EMR does not accept the subnet of the cluster: {0}.",
            "",
            "Name a subnet of the run's account and region."),
    KEY_PAIR(
            "E713",
            ERROR,
            "Key pair that EMR does not accept",
            "EMR does not accept the key pair of the cluster: {0}.",
            "",
            "Name a key pair of the run's account and region: `aws ec2 describe-key-pairs`."),
    QUOTA(
            "E714",
            ERROR,
            "Limit of the AWS account",
            "The AWS account is at a limit: {0}.",
            "",
            "Request a higher quota in Service Quotas, use fewer instances, or resume the run later."),
    REFUSED("E719", ERROR, "Request that AWS refuses", "AWS refuses a request: {0}.", "", ""),
    OTHER_ACCOUNT(
            "E721",
            ERROR,
            "Run of another AWS account",
            "The run was started in the AWS account {0}; the credentials are of {1}.",
            "Its clusters and steps are in that account.",
            "Use credentials of {0}: --profile names another profile."),
    ACCOUNT_CHANGED(
            "E722",
            ERROR,
            "Credentials that became another account's",
            "This process uses the AWS account {0}; its credentials are of {1} now.",
            "Its clusters and steps are in {0}.",
            "Renew the credentials of {0}."),
    NO_IDLE_LEASE(
            "E723",
            WARNING,
            "Cluster that EMR does not end when it is idle",
            "EMR does not end the cluster \"{0}\" when it is idle: {1} has no auto-termination.",
            "If the run is abandoned, it keeps running.",
            "Use emr-5.30.0 or emr-6.1.0 or later, or call emrys reap now and then."),
    RELEASE_NOT_IN_REGION(
            "E724",
            ERROR,
            "Release label that the region does not have",
            "EMR in {2} does not have the release label {1} of the cluster \"{0}\".",
            "",
            "Use another one, such as {3}."),
    APPLICATION_NOT_IN_RELEASE(
            "E725",
            ERROR,
            "Application that the release does not have",
            "{2} in {3} does not have the application {1} of the cluster \"{0}\".",
            "",
            "It has {4}."),
    TYPE_NOT_IN_REGION(
            "E726",
            ERROR,
            "Instance type that the region does not have",
            "EMR in {3} does not have the instance type {1} of the cluster \"{0}\" for {2}.",
            "",
            "Use another one, such as {4}."),
    LISTS_NOT_ASKED(
            "E727",
            WARNING,
            "Lists of the region that could not be read",
            "EMR was not asked what it has in the region of the clusters: {0}",
            "Release labels, applications and instance types were compared only with what Emrys knows of them.",
            "{1} Or write --offline, which asks nothing."),
    LOGS_NOT_KEPT(
            "E730",
            ERROR,
            "Cluster without a log location",
            "The logs of the step {0} were not kept: neither it nor its cluster {1} has a log location on S3.",
            "",
            "Write logs = s3(\"s3://bucket/prefix/\") in the cluster, and run it again."),
    LOGS_IN_CLOUDWATCH(
            "E731",
            ERROR,
            "Logs that are in CloudWatch Logs only",
            "The logs of the step {0} are in the log group {1} of CloudWatch Logs, and not on S3. Emrys reads those on S3.",
            "",
            "Read them with: aws logs tail {1} --since 1d --log-stream-name-prefix {2}"),
    LOGS_NOT_THERE(
            "E732",
            ERROR,
            "Logs that are not on S3",
            "{0} of the step {1} is at {2}: {3}.",
            "EMR copies the logs of a step every 5 minutes, and when its cluster ends.",
            "{4}"),
    STORAGE_DENIED(
            "E733",
            ERROR,
            "Object or bucket that S3 denies",
            "S3 denies {0} on {1}: {2}.",
            "",
            "Allow {0} on {1} in a policy of the caller, and check the policy of the bucket."),
    KEY_DENIED(
            "E734",
            ERROR,
            "KMS key that the caller may not use",
            "{0} is encrypted with a KMS key that the caller may not use: {1}.",
            "",
            "Allow kms:Decrypt (to write: kms:GenerateDataKey) on the key for the caller, in a policy and in the policy of"
                    + " the key."),
    BUCKET_UNKNOWN(
            "E735",
            ERROR,
            "Bucket that does not exist",
            "There is no bucket \"{0}\" on S3.",
            "",
            "Check its name, or create it: aws s3 mb s3://{0}"),
    STEP_FORGOTTEN(
            "E736",
            ERROR,
            "Step that EMR does not know any more",
            "EMR does not know the step {0} of the cluster {1} any more, so the place of its logs is unknown.",
            "EMR forgets clusters about two months after their end, and all but the newest 1,000 steps of a cluster.",
            "The logs may still be below the log location of the cluster: LOCATION/{1}/steps/{0}/"),
    OBJECT_DIFFERS(
            "E737",
            ERROR,
            "Object on S3 that is not the file",
            "{0} has {1} bytes; the file {2}, which is to be copied there, has {3}.",
            "The name of the object has the SHA-256 of its content, so something else has written it.",
            "Delete the object, or name another place with --staging."),
    FILE_CHANGED(
            "E738",
            ERROR,
            "File that changes while it is copied to S3",
            "The file {0} was changed or cannot be read while it is copied to S3: {1}.",
            "",
            "Repeat the command when nothing writes the file."),
    SETTINGS_UNTRUSTED(
            "E740",
            ERROR,
            "Settings that other users may change",
            "{0} is not read: {1}.",
            "It says to which AWS account and to which address requests are sent.",
            "Write an emrys.properties that only you may change into the folder of the script; or, if you know the"
                    + " content of this one and trust it, take the rights of others from it: chown, chmod go-w."),
    VALUE_FORM(
            "E741",
            ERROR,
            "Malformed setting of AWS",
            "{0}: \"{1}\" is not {2}.",
            "",
            "Correct the value, or leave the setting out."),
    OBJECT_ARRIVAL(
            "E742",
            ERROR,
            "Wait for objects of AWS",
            "The schedule {0} waits for objects below {1}, and the target of its runs is aws.",
            "objectArrival looks at the buckets of the local target only, never at Amazon S3.",
            "Use the target local, or a schedule with times whose steps look at the bucket."),
    EXISTING_CLUSTER_UNKNOWN(
            "E750",
            ERROR,
            "Existing cluster that EMR does not know",
            "EMR does not know the cluster {0}: {1}",
            "",
            "{2}"),
    CLUSTER_NOT_USABLE(
            "E751", ERROR, "Existing cluster that has ended", "The cluster {0} is {1}: it takes no steps.", "", "{2}"),
    CLUSTER_NOT_FOUND(
            "E752", ERROR, "Existing cluster that is not there", "No cluster named \"{0}\" is {1}.", "", "{2}"),
    CLUSTER_NOT_UNIQUE(
            "E753",
            ERROR,
            "Several existing clusters of one name",
            "{0} clusters named \"{1}\" are {2}: {3}.",
            "Which one is meant is not guessed.",
            "Name one by its id, or allow fewer states."),
    CLUSTER_USED_TWICE(
            "E754",
            ERROR,
            "Cluster that one run uses under two names",
            "The cluster {0} is used by this run as \"{1}\" already, and \"{2}\" means the same one.",
            "",
            "Use one existingCluster for all its steps."),
    INSTANCES_NOT_FOUND(
            "E755",
            ERROR,
            "Instances to resize that are not there",
            "The cluster {0} has no {1}: it has {2}.",
            "A resize changes what is there; it adds no group or fleet.",
            "Name one of these."),
    INSTANCES_NOT_UNIQUE(
            "E756",
            ERROR,
            "Several instance groups to resize",
            "The cluster {0} has more than one {1}: {2}.",
            "Which one is meant is not guessed.",
            "Name it by its name or id: group(\"its name\", count)."),
    RESIZE_REPLACED(
            "E757",
            ERROR,
            "Resize that another one has replaced",
            "The {1} of the cluster {0} was to have {2}, and EMR is asked for {3} now.",
            "Managed scaling, a rule of automatic scaling or a person has changed it.",
            "Keep two of them from resizing one cluster: remove managed scaling before, for example."),
    RESIZE_STOPPED(
            "E758",
            ERROR,
            "Resize that EMR has stopped",
            "The {1} of the cluster {0} is {2} with {3} of {4}: {5}",
            "Mostly EC2 has no such instances, or the account may have no more of them.",
            "Retry later, or use other instance types or a smaller size."),
    STEP_NOT_FOUND(
            "E759",
            ERROR,
            "Step that is not there",
            "The cluster {0} has no {1}: {2}",
            "",
            "Correct the name or the id; where the step is submitted later, use retry."),
    STEP_AWAITED_TWICE(
            "E760",
            ERROR,
            "Step that two tasks wait for",
            "The step {1} of the cluster {0} is waited for by another task of this run.",
            "",
            "Use one awaitStep, and name it in after(…) of both."),
    STATE_UNREACHABLE(
            "E761",
            ERROR,
            "State that a cluster cannot reach any more",
            "The operation waits until the cluster {0} {1}, and it is {2}",
            "",
            "Look for the reason among the events of the cluster."),
    STEP_NOT_CANCELLED(
            "E762",
            ERROR,
            "Step that EMR does not cancel",
            "EMR does not cancel the step {1} of the cluster {0}: {2}",
            "EMR cancels running steps from emr-5.28.0 on.",
            "End on the cluster what it runs (yarn application -kill), or end the cluster."),
    CLUSTER_ENDS_WITH_RUN(
            "E763",
            ERROR,
            "Existing cluster that ends with its run",
            "The only clusters named \"{0}\" end with the runs that have started them: {1}.",
            "Its steps would be lost with it.",
            "Write keepAfterRun = true for the cluster in that pipeline, or name a cluster by its id.");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    AwsCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
