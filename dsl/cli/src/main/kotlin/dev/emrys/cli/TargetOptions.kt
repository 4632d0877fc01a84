package dev.emrys.cli

import com.google.common.collect.ImmutableMap
import dev.emrys.language.Aws
import dev.emrys.language.Local
import dev.emrys.language.RunTarget
import dev.emrys.spec.AwsCode
import dev.emrys.spec.AwsValue
import dev.emrys.spec.CommandCode
import dev.emrys.view.RunHeader
import java.net.URI
import java.net.URISyntaxException
import java.nio.file.Path
import picocli.CommandLine.Option

/** The targets, as `--target` names them. */
internal enum class TargetName {
    LOCAL,
    AWS;

    /** As in the records of runs. */
    val text = name.lowercase()
}

/**
 * A target and its settings, by the names that the record of a run has; without the account, which
 * is known when AWS was asked.
 */
internal data class TargetChoice(
    val name: String,
    val settings: ImmutableMap<String, String>,
    /** For a local account that is not running: see [LocalSteps]. Not recorded. */
    val localSteps: Int? = null,
) {
    companion object {
        val LOCAL = TargetChoice(TargetName.LOCAL.text, ImmutableMap.of())
    }
}

/** Where a run executes its tasks. */
internal class TargetOptions {
    @Option(
        names = ["--target"],
        paramLabel = "local|aws",
        description =
            [
                "local: the emulator on this machine. aws: Amazon EMR. Default: the script's target, else target of",
                "emrys.properties, else local.",
            ],
    )
    var target: TargetName? = null

    @Option(
        names = ["--profile"],
        paramLabel = "NAME",
        description = ["For aws: a profile of AWS's configuration files."],
    )
    var profile: String? = null

    @Option(
        names = ["--region"],
        paramLabel = "REGION",
        description = ["For aws: such as eu-central-1."],
    )
    var region: String? = null

    @Option(
        names = ["--role"],
        paramLabel = "ARN",
        description = ["For aws: a role to assume."],
    )
    var role: String? = null

    @Option(
        names = ["--endpoint-url"],
        paramLabel = "URL",
        description = ["For aws: what takes the requests to EMR and STS. Default: AWS."],
    )
    var endpoint: String? = null

    @Option(
        names = ["--staging"],
        paramLabel = "URI",
        description =
            [
                "For aws: s3://bucket/prefix/, to which files of this machine are copied for the clusters."
            ],
    )
    var staging: String? = null
}

/** Not part of [TargetOptions], whose methods picocli reads in each start. */
internal class TargetSelection(private val options: TargetOptions) {
    private val given: Map<String, String?>
        get() =
            mapOf(
                "profile" to options.profile,
                "region" to options.region,
                "role" to options.role,
                "endpoint" to options.endpoint,
                "staging" to options.staging,
            )

    /**
     * The target of new runs: what the command line says, else the script, else emrys.properties.
     *
     * @param declared the script's
     * @param alone whether the options are for this script only, so that one without an effect is a
     *   mistake
     */
    fun choice(
        declared: RunTarget?,
        script: Path?,
        state: Path,
        alone: Boolean = true,
    ): TargetChoice {
        val file = PropertiesFile.nearest(script, state)
        val name =
            options.target?.text
                ?: when (declared) {
                    Local -> TargetName.LOCAL.text
                    is Aws -> TargetName.AWS.text
                    null -> file[PropertiesFile.TARGET] ?: TargetName.LOCAL.text
                }
        if (name == TargetName.LOCAL.text) {
            if (alone) refuseAwsOptions(name)
            return TargetChoice.LOCAL.copy(
                localSteps = file[PropertiesFile.LOCAL_STEPS]?.let(StepLimit::parse)
            )
        }
        checkForms()
        val aws = declared as? Aws
        val settings = LinkedHashMap<String, String>()
        fun put(member: String, inScript: String?, key: String) {
            (given[member] ?: inScript ?: file[key])?.let { settings[member] = it }
        }
        put("profile", aws?.profile, PropertiesFile.PROFILE)
        put("region", aws?.region, PropertiesFile.REGION)
        put("role", aws?.role, PropertiesFile.ROLE)
        put("endpoint", null, PropertiesFile.ENDPOINT)
        put("s3Endpoint", null, PropertiesFile.STORAGE_ENDPOINT)
        settings["endpoint"]?.let(::checkEndpoint)
        settings["s3Endpoint"]?.let(::checkEndpoint)
        put("staging", aws?.staging, PropertiesFile.STAGING)
        settings["staging"]?.let(::checkStaging)
        return TargetChoice(name, ImmutableMap.copyOf(settings))
    }

    /** The settings to continue a run with: it stays in its account and its region. */
    fun continued(run: RunHeader): ImmutableMap<String, String> {
        val recorded = run.targetSettings()
        val asked = options.target?.text ?: run.target()
        if (asked != run.target())
            throw StopException(CommandCode.TARGET_OF_RUN.of(run.name(), run.target(), asked))
        if (run.target() != TargetName.AWS.text) refuseAwsOptions(run.target())
        checkForms()
        val region = options.region
        if (region != null && region != recorded["region"])
            throw StopException(
                CommandCode.TARGET_OF_RUN.of(
                    run.name(),
                    "aws in ${recorded["region"]}",
                    "aws in $region",
                )
            )
        options.endpoint?.let(::checkEndpoint)
        options.staging?.let(::checkStaging)
        val settings = LinkedHashMap(recorded)
        for ((member, value) in given) if (value != null) settings[member] = value
        return ImmutableMap.copyOf(settings)
    }

    private fun refuseAwsOptions(target: String) {
        val option =
            given.entries
                .firstOrNull { it.value != null }
                ?.key
                ?.let {
                    if (it == "endpoint") "--endpoint-url" else "--$it"
                } ?: return
        throw StopException(CommandCode.AWS_OPTION.of(option, target))
    }

    private fun checkStaging(place: String) {
        if (!AwsValue.STAGING.fits(place)) throw StopException(CommandCode.STAGING_FORM.of(place))
    }

    /** Those of a script and of emrys.properties are checked where they are read. */
    private fun checkForms() {
        for ((member, form) in FORMS) {
            val value = given[member] ?: continue
            if (!form.fits(value))
                throw StopException(AwsCode.VALUE_FORM.of("--$member", value, form.wanted()))
        }
    }

    private fun checkEndpoint(url: String) {
        val isUrl =
            try {
                val uri = URI(url)
                uri.host != null && uri.scheme in setOf("http", "https") && uri.port <= PORTS
            } catch (_: URISyntaxException) {
                false
            }
        if (!isUrl) throw StopException(CommandCode.ENDPOINT_FORM.of(url))
    }

    private companion object {
        const val PORTS = 65535
        val FORMS =
            mapOf(
                "profile" to AwsValue.PROFILE,
                "region" to AwsValue.REGION,
                "role" to AwsValue.ROLE,
            )
    }
}
