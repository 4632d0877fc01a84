package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.runtime.LocalEmulator
import dev.emrys.spec.CommandCode
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.net.BindException
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.Optional
import java.util.concurrent.Callable
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/** How long clusters take to start and to end. */
internal enum class EmulatorSpeed {
    INSTANT,
    REAL,
}

/** Which quotas on calls are enforced. */
internal enum class EmulatorQuotas {
    NONE,
    EMR,
}

/** What a stopped emulator does with clusters. */
internal enum class EmulatorOnStop {
    TERMINATE,
    LEAVE,
}

/** An account that an emulator serves, for programs. */
internal class EmulatorAccount(
    val accountId: String,
    val accessKeyId: String,
    val secretAccessKey: String,
    val s3Endpoint: String,
    val logsEndpoint: String,
    val folder: String,
)

/** What `emrys emulator` serves, for programs. */
internal class EmulatorEndpoint(
    val endpoint: String,
    val region: String,
    val accounts: List<EmulatorAccount>,
)

@Command(
    name = "emulator",
    mixinStandardHelpOptions = true,
    description =
        [
            "An EMR endpoint on this machine for any AWS client, until it is stopped. Clusters are emulated, their steps are",
            "executed with Spark and Hadoop as this user. Serves S3 and CloudWatch Logs over the account's folder, too. Prints",
            "what a client must set. It listens on 127.0.0.1 only.",
        ],
)
internal class EmulatorCommand(private val console: Console) : Callable<Int> {
    @Option(
        names = ["--port"],
        paramLabel = "PORT",
        description = ["Listens on this port; 0: on any free one. Default: 8790."],
    )
    var port: Int = DEFAULT_PORT

    @Option(
        names = ["--access-key"],
        paramLabel = "KEY",
        description =
            [
                "The access key id that clients send, with the secret \"any\". Who knows it runs steps as this user, and other",
                "users see it in the process list. Default: a new one, with a new secret, with each start. Given several times:",
                "several accounts.",
            ],
    )
    var accessKeys: List<String> = emptyList()

    @Option(
        names = ["--account"],
        paramLabel = "ID",
        description =
            [
                "The account's id, twelve digits; given several times, the ids of several accounts, in the order of the access",
                "keys. Default: 000000000000, 000000000001 and so on.",
            ],
    )
    var accountIds: List<String> = emptyList()

    @Option(
        names = ["--region"],
        paramLabel = "REGION",
        description = ["The region in ARNs. Default: us-east-1."],
    )
    var region: String = "us-east-1"

    @Option(
        names = ["--speed"],
        paramLabel = "instant|real",
        description =
            [
                "Whether clusters start and end at once, or as on EMR: 4 minutes STARTING, 2 BOOTSTRAPPING, 1 TERMINATING.",
                "Default: instant.",
            ],
    )
    var speed: EmulatorSpeed = EmulatorSpeed.INSTANT

    @Option(
        names = ["--faults"],
        paramLabel = "FILE",
        description =
            [
                "A JSON file of rules by which calls and clusters fail, for tests of a client. More rules can be sent while it",
                "runs: see engine/emulator/FAULTS.md.",
            ],
    )
    var faults: Path? = null

    @Option(
        names = ["--quotas"],
        paramLabel = "none|emr",
        description =
            ["Whether calls beyond EMR's default quotas are throttled, as on EMR. Default: none."],
    )
    var quotas: EmulatorQuotas = EmulatorQuotas.NONE

    @Option(
        names = ["--max-running-steps"],
        paramLabel = "N",
        description =
            [
                "How many steps of an account run at the same time, of all its clusters; the others are PENDING. Default: two per",
                "processor, as far as the memory is enough for 1.5 GiB each, and at least 2.",
            ],
    )
    var maxRunningSteps: Int? = null

    @Option(
        names = ["--on-stop"],
        paramLabel = "terminate|leave",
        description =
            [
                "What a stop does with clusters: ends them with their steps, or leaves them, and their steps running, to the next",
                "start. A second signal leaves them. Default: terminate.",
            ],
    )
    var onStop: EmulatorOnStop = EmulatorOnStop.TERMINATE

    @Option(
        names = ["--state"],
        paramLabel = "FOLDER",
        description =
            [
                "Where clusters, output of steps, and objects of s3:// are kept, below the account's id. Default:",
                ".emrys/emulator in the working folder.",
            ],
    )
    var state: Path = Path.of(".emrys", "emulator")

    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val settings =
            LocalEmulator.Settings(
                state.toAbsolutePath().normalize(),
                StateFolders.cache(),
                accounts(),
                checkedPort(),
                checked("--region", region, REGION, "a region such as us-east-1"),
                speed == EmulatorSpeed.REAL,
                quotas == EmulatorQuotas.EMR,
                Optional.ofNullable(faults),
                StepLimit.optional(checkedSteps()),
            )
        val signals = Semaphore(0)
        val handlers = Signals.ENDING.map { Signals.handle(it, signals::release) }
        try {
            return start(settings).use { serve(it, signals) }.code
        } finally {
            handlers.forEach { it.close() }
        }
    }

    private fun accounts(): ImmutableList<LocalEmulator.Access> {
        accessKeys.forEach {
            checked(
                "--access-key",
                it,
                KEY,
                "1 to 128 letters, digits, hyphens and underscores, other than emrys-local",
            )
        }
        accountIds.forEach { checked("--account", it, ACCOUNT, "twelve digits") }
        val count = maxOf(accessKeys.size, accountIds.size, 1)
        val ids = accountIds + (0L..count).map { "%012d".format(it) }.filter { it !in accountIds }
        refuseRepeated("--access-key", accessKeys)
        refuseRepeated("--account", accountIds)
        return ImmutableList.copyOf(
            (0 until count).map {
                LocalEmulator.Access(ids[it], Optional.ofNullable(accessKeys.getOrNull(it)))
            }
        )
    }

    private fun refuseRepeated(option: String, values: List<String>) {
        val repeated = values.groupBy { it }.filterValues { it.size > 1 }.keys.firstOrNull()
        if (repeated != null)
            throw StopException(
                CommandCode.OPTION_VALUE.of(repeated, option, "a different one for each account")
            )
    }

    private fun checked(option: String, value: String, form: Regex, expected: String): String {
        if (!form.matches(value))
            throw StopException(CommandCode.OPTION_VALUE.of(value, option, expected))
        return value
    }

    private fun checkedPort(): Int {
        if (port !in 0..MAX_PORT)
            throw StopException(CommandCode.OPTION_VALUE.of("$port", "--port", "0 to $MAX_PORT"))
        return port
    }

    private fun checkedSteps(): Int? = maxRunningSteps?.let {
        StepLimit.checked("$it", "--max-running-steps")
    }

    private fun start(settings: LocalEmulator.Settings): LocalEmulator =
        try {
            LocalEmulator.start(settings)
        } catch (e: LocalEmulator.FaultFileException) {
            val why = "the fault rules of --faults in ${e.message}".removeSuffix(".")
            throw StopException(
                CommandCode.COMMAND_LINE_INVALID.of(
                    why,
                    "emrys emulator",
                )
            )
        } catch (e: LocalEmulator.AccountInUseException) {
            throw StopException(RuntimeCode.EMULATOR_IN_USE.of(e.message.orEmpty()))
        } catch (_: BindException) {
            throw StopException(
                RuntimeCode.HTTP_UNAVAILABLE.of("The port $port of 127.0.0.1 is in use.", "--port")
            )
        } catch (e: IOException) {
            throw StopException(
                RuntimeCode.ACCOUNT_UNUSABLE.of(e.message ?: e.javaClass.simpleName)
            )
        }

    private fun serve(emulator: LocalEmulator, signals: Semaphore): ExitCode {
        StateFolders.ignoreInGit(state.toAbsolutePath().parent, existed = true)
        print(emulator)
        while (!signals.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            emulator.lostFile().ifPresent {
                throw StopException(
                    RuntimeCode.ACCOUNT_UNUSABLE.of("$it was removed while it was used")
                )
            }
        }
        if (onStop == EmulatorOnStop.TERMINATE && emulator.hasLiveClusters()) {
            console.status("Ending the clusters. A second signal leaves them.")
            emulator.terminateAll("The emulator was stopped.")
            if (!isEnded(emulator, signals)) {
                console.status("Stopped. Not all clusters have ended, and their steps may run on.")
                return ExitCode.EXTERNAL_FAILURE
            }
        }
        console.status("Stopped.")
        return ExitCode.SUCCEEDED
    }

    private fun isEnded(emulator: LocalEmulator, signals: Semaphore): Boolean {
        val deadline = Instant.now().plus(LONGEST_END)
        while (emulator.hasLiveClusters()) {
            val isAskedAgain = signals.tryAcquire(END_MILLIS, TimeUnit.MILLISECONDS)
            if (isAskedAgain || Instant.now() > deadline) return false
        }
        return true
    }

    private fun print(emulator: LocalEmulator) {
        val accounts =
            emulator.accounts().map {
                EmulatorAccount(
                    it.accountId(),
                    it.accessKey(),
                    it.secretKey(),
                    "${it.storage()}",
                    "${it.storage()}",
                    "${it.folder()}",
                )
            }
        val endpoint = EmulatorEndpoint("${emulator.uri()}", region, accounts)
        if (output.json) {
            console.print(Json.emulator(endpoint))
            return
        }
        console.status("EMR of $region at ${endpoint.endpoint}, until this is stopped.")
        console.status(
            "At most ${emulator.maxRunningSteps()} steps of an account run at the same time."
        )
        for (account in accounts) {
            console.status("Account ${account.accountId} in ${account.folder}:")
            console.print(
                """
                export AWS_ENDPOINT_URL_EMR=${endpoint.endpoint}
                export AWS_ENDPOINT_URL_S3=${account.s3Endpoint}
                export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=${account.logsEndpoint}
                export AWS_ACCESS_KEY_ID=${account.accessKeyId}
                export AWS_SECRET_ACCESS_KEY=${account.secretAccessKey}
                export AWS_REGION=$region
                export AWS_DEFAULT_REGION=$region
                """
                    .trimIndent()
            )
        }
    }

    private companion object {
        const val DEFAULT_PORT = 8790
        const val MAX_PORT = 65_535
        const val LOOK_MILLIS = 500L
        const val END_MILLIS = 100L
        val LONGEST_END: Duration = Duration.ofMinutes(2)
        // The excluded one is that of the steps.
        val KEY = Regex("(?!emrys-local$)[A-Za-z0-9_-]{1,128}")
        val ACCOUNT = Regex("[0-9]{12}")
        val REGION = Regex("[a-z]{2}(-[a-z]+)+-[0-9]+")
    }
}
