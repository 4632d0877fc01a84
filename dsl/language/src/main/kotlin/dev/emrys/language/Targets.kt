package dev.emrys.language

import dev.emrys.spec.ScriptCode

/** Where the runs of a pipeline execute their tasks: [Local], or `aws { }`. */
public sealed interface RunTarget

/** The emulator on this machine, which needs no AWS account. */
public data object Local : RunTarget

/**
 * Amazon EMR on EC2. What is null is AWS's own business: the environment, its configuration files.
 *
 * @property profile of AWS's shared configuration files
 * @property region such as `eu-central-1`
 * @property role the ARN of a role that is assumed
 * @property staging the folder on S3 to which files of this machine are copied
 */
public class Aws
internal constructor(
    public val profile: String?,
    public val region: String?,
    public val role: String?,
    public val staging: String?,
) : RunTarget

/** The block of `aws`. */
@EmrysDsl
public class AwsScope internal constructor(private val script: Script) {
    /**
     * A profile of AWS's
     * [shared configuration files](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
     * Default: `--profile`, `aws.profile` of emrys.properties, else AWS's own chain: the
     * environment, the default profile, the role of the machine.
     */
    public var profile: String? = null

    /**
     * Such as `eu-central-1`. Default: `--region`, `aws.region` of emrys.properties, AWS_REGION,
     * the region of the profile.
     */
    public var region: String? = null

    /**
     * The ARN of a role to
     * [assume](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html). Default:
     * `--role`, `aws.role` of emrys.properties, else none.
     */
    public var role: String? = null

    /**
     * A folder on S3, `s3("s3://my-bucket/staging/")`, to which a run copies the files of this
     * machine that its steps and bootstrap actions name, such as `file("etl.jar")`, before it
     * starts: to `FOLDER/SHA-256/NAME`, once for each content. Default: `--staging`, `aws.staging`
     * of emrys.properties, else none: then such files are an error.
     */
    public var staging: S3Uri? = null

    internal fun build(): Aws {
        check("profile", profile, PROFILE, "the name of a profile")
        check("region", region, REGION, "a region such as eu-central-1")
        check("role", role, ROLE, "the ARN of a role: arn:aws:iam::123456789012:role/etl")
        val place = staging?.uri
        check(
            "staging",
            place,
            STAGING,
            "s3(\"s3://bucket/prefix/\"), of letters, digits and ._=+@-/",
        )
        return Aws(profile, region, role, place)
    }

    private fun check(member: String, value: String?, form: Regex, wanted: String) {
        if (value != null && !form.matches(value))
            script.report(ScriptCode.AWS_VALUE, member, value, wanted)
    }

    private companion object {
        val PROFILE = Regex("\\S(.*\\S)?")
        val REGION = Regex("[a-z]{2,}(-[a-z]+)+-[0-9]+")
        val STAGING = Regex("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=+@/-]*)?")
        val ROLE = Regex("arn:[a-z-]+:iam::[0-9]{12}:role/\\S+")
    }
}
