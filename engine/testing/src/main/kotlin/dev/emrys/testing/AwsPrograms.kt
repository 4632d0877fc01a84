package dev.emrys.testing

import java.io.File
import java.io.IOException

/** Programs of AWS that tests use where this machine has them. */
public object AwsPrograms {
    private val VERSION = Regex("""aws-cli/(\d+)\.(\d+)""")

    /** The first versions that read AWS_ENDPOINT_URL_S3, by their first number. */
    private val OLDEST = mapOf(1 to 29, 2 to 13)

    /** `require` finds them where NODE_PATH says. */
    private const val NODE =
        "['emr', 's3', 'cloudwatch-logs'].forEach(name => require('@aws-sdk/client-' + name))"

    private const val BOTO3 =
        "import boto3; assert tuple(map(int, boto3.__version__.split('.')[:2])) >= (1, 28)"

    /** Why this machine has no awscli for the tests; null if it has. */
    public fun missingCli(): String? {
        val version = VERSION.find(output("aws", "--version").orEmpty())
        val (major, minor) = version?.destructured ?: return "awscli is not on this machine"
        val isOld = (OLDEST[major.toInt()] ?: 0) > minor.toInt()
        return if (isOld) "${version.value} does not read AWS_ENDPOINT_URL_S3" else null
    }

    /** Whether `aws logs tail` exists, which awscli 1 does not have. */
    public fun hasLogsTail(): Boolean =
        VERSION.find(output("aws", "--version").orEmpty())?.groupValues?.get(1) == "2"

    /** As [missingCli], for boto3. */
    public fun missingBoto3(): String? =
        if (output("python3", "-c", BOTO3) == null) "boto3 1.28 or later is not on this machine"
        else null

    /** As [missingCli], for the AWS SDK for JavaScript with its clients of EMR, S3 and logs. */
    public fun missingNodeSdk(): String? =
        if (output("node", "-e", NODE) == null)
            "node has no AWS SDK on NODE_PATH (npm ci with engine/local/src/test/node)"
        else null

    /** As [missingCli], for moto's server. */
    public fun missingMoto(): String? =
        // To start it takes seconds.
        if (System.getenv("PATH").orEmpty().split(':').any { File(it, "moto_server").canExecute() })
            null
        else "moto_server is not on this machine (pip install 'moto[emr,sts,server]')"

    private fun output(vararg command: String): String? =
        try {
            val process = ProcessBuilder(*command).redirectErrorStream(true).start()
            val text = process.inputStream.readAllBytes().decodeToString()
            text.takeIf { process.waitFor() == 0 }
        } catch (_: IOException) {
            null
        }
}
