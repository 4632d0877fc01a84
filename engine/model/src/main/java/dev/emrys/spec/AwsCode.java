package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;

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
            "Use the target local, or a schedule with times whose steps look at the bucket.");

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
