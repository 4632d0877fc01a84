package dev.emrys.spec;

import static dev.emrys.spec.Severity.ERROR;
import static dev.emrys.spec.Severity.WARNING;

/** E4xx: what the target of a run lacks. */
public enum TargetCode implements DiagnosticCode {
    // What the target lacks
    STEP_UNSUPPORTED(
            "E401",
            ERROR,
            "Step that this machine cannot run",
            "The step \"{0}\" cannot run on this machine. {1}",
            "",
            "{2}"),
    SECRET_UNKNOWN(
            "E402",
            ERROR,
            "Unknown secret",
            "The {0} \"{1}\" uses the secret \"{2}\", which is not known here.",
            "",
            "Set the environment variable {3}, or add it to secrets.properties in the state folder."),
    CODE_RELATIVE(
            "E403",
            ERROR,
            "Location without a folder or bucket",
            "The step \"{0}\" runs {1}, which names no location.",
            "",
            "Write file(\"{1}\") for a file beside the script, or s3(\"s3://bucket/key\")."),
    CODE_URI(
            "E404",
            ERROR,
            "Malformed URI",
            "The step \"{0}\" runs {1}, which is not a URI of this machine: {2}.",
            "",
            "Write file(\"path\") for a file beside the script, or s3(\"s3://bucket/key\")."),
    CODE_MISSING(
            "E405",
            ERROR,
            "Missing file",
            "The step \"{0}\" runs {1}, which does not exist.",
            "A relative path is resolved against the script's folder.",
            "Build it, or correct the path."),
    CODE_FORBIDDEN(
            "E406",
            ERROR,
            "File without read permission",
            "The step \"{0}\" runs {1}, which this user may not read.",
            "",
            "Give this user the permission to read it."),
    CODE_MISSING_OBJECT(
            "E407",
            ERROR,
            "Missing S3 object",
            "The step \"{0}\" runs {1}, which does not exist on this machine.",
            "On the local target s3:// is a folder.",
            "Put it at {2}."),
    LOG_LOCATION_UNMAPPED(
            "E408",
            ERROR,
            "Log location that this machine cannot have",
            "The cluster \"{0}\" writes its logs to {1}, for which there is no folder on this machine: {2}.",
            "On the local target s3:// is a folder, and each part of a key is a file name in it.",
            "Name a location without \".\" or \"..\" between its slashes."),
    FILE_NOT_ON_CLUSTER(
            "E409",
            ERROR,
            "File of this machine for a cluster on AWS",
            "The {0} \"{1}\" uses {2}, a file of this machine, which a cluster on AWS does not have.",
            "",
            "Name a place on S3 to which such files are copied: --staging s3://bucket/prefix/, aws.staging in"
                    + " emrys.properties, or staging in the script's aws block."),
    FILE_NOT_COPIED(
            "E416",
            ERROR,
            "File that cannot be copied to S3",
            "The {0} \"{1}\" uses {2}, which cannot be copied to S3 for a cluster on AWS: {3}.",
            "",
            "Correct the path, or write s3(\"s3://bucket/key\") for what is on S3."),
    STORAGE_NOT_KNOWN(
            "E417",
            ERROR,
            "Endpoint of EMR without one of S3",
            "Files of this machine are copied to {0}, and the run uses the endpoint {1} for EMR, but it is not known which"
                    + " S3 belongs to it.",
            "What is meant for an emulator must not be sent to AWS.",
            "Write aws.endpoint.s3 in emrys.properties, or set AWS_ENDPOINT_URL_S3."),
    ARGUMENTS_NOT_STAGED(
            "E419",
            ERROR,
            "Arguments that EMR does not take",
            "The step \"{0}\" has {1} characters of arguments; EMR takes {2}.",
            "Longer ones reach the cluster in a script on S3.",
            "Name a place for it: --staging s3://bucket/prefix/, aws.staging in emrys.properties, or staging in the"
                    + " script's aws block."),
    NOTEBOOK_NOT_EMULATED(
            "E418",
            ERROR,
            "Notebook on this machine",
            "The operation \"{0}\" executes a notebook, which the local target does not do.",
            "",
            "Make a script of it (jupyter nbconvert --to script) for a PySpark step, or run the pipeline with --target"
                    + " aws."),
    RELEASE_NOT_EMULATED("E411", WARNING, "Release label that is not emulated", "{0}", "", ""),
    CLUSTER_NOT_EMULATED("E412", WARNING, "Cluster settings that are not emulated", "{0}", "", ""),
    PROGRAM_MISSING("E413", WARNING, "Program that is not on this machine", "The step \"{0}\" {1}", "", ""),
    SECRETS_READABLE(
            "E414",
            WARNING,
            "Secrets that other users may read",
            "Other users may read the secrets in {0}.",
            "",
            "Run: chmod 600 {1}"),
    LOGS_NOWHERE(
            "E415",
            WARNING,
            "Cluster on AWS without a log location",
            "The cluster \"{0}\" has no log location.",
            "Without one the logs of its steps end with it.",
            "Write logs = s3(\"s3://bucket/prefix/\").");

    @SuppressWarnings("ImmutableEnumChecker") // A record of texts, which is immutable.
    private final CatalogueEntry entry;

    TargetCode(String id, Severity severity, String title, String what, String why, String fix) {
        entry = new CatalogueEntry(id, severity, title, what, why, fix);
    }

    @Override
    public CatalogueEntry entry() {
        return entry;
    }
}
