package dev.emrys.language

import dev.emrys.spec.AwsValue
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
        check("profile", profile, AwsValue.PROFILE)
        check("region", region, AwsValue.REGION)
        check("role", role, AwsValue.ROLE)
        val place = staging?.uri
        check("staging", place, AwsValue.STAGING)
        return Aws(profile, region, role, place)
    }

    private fun check(member: String, value: String?, form: AwsValue) {
        if (value != null && !form.fits(value))
            script.report(ScriptCode.AWS_VALUE, member, value, form.wanted())
    }
}
