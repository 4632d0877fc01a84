package dev.emrys.cli

import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.runtime.JournalDatabase
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import java.nio.file.Path
import java.time.LocalDate
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `--output`: text for people, JSON for programs. */
internal enum class Output {
    TEXT,
    JSON,
}

/** The forms in which diagnostics are printed. */
internal enum class DiagnosticOutput {
    TEXT,
    JSON,
    SARIF;

    companion object {
        /** The form that [args] ask for, also when they cannot be parsed. */
        fun of(args: Array<String>): DiagnosticOutput {
            fun asked(form: DiagnosticOutput) =
                args.any { it.equals("--output=$form", ignoreCase = true) } ||
                    args.toList().zipWithNext().any { (name, value) ->
                        name == "--output" && value.equals("$form", ignoreCase = true)
                    }
            return when {
                asked(JSON) -> JSON
                args.firstOrNull() == "check" && asked(SARIF) -> SARIF
                else -> TEXT
            }
        }
    }
}

internal class StateOptions {
    @Option(
        names = ["--state"],
        paramLabel = "FOLDER",
        description =
            [
                "The state folder. Default: the nearest .emrys of the script's folder or above it,",
                "else a new one beside the script. Commands about runs look from the working folder,",
                "and in the folders below it.",
            ],
    )
    var state: Path? = null

    @Option(
        names = ["--journal"],
        paramLabel = "URL",
        description =
            [
                "The journal's PostgreSQL database, postgresql://user@host:5432/database, for runs of several",
                "machines; the password from ~/.pgpass or PGPASSWORD. Default: EMRYS_JOURNAL, else a file in",
                "the state folder.",
            ],
    )
    var journal: String? = null

    /** Null for a journal in the state folder. */
    val database: JournalDatabase?
        get() = databaseUrl?.let(JournalDatabase::parse)

    /** As it is given, maybe with a password. */
    val databaseUrl: String?
        get() = journal ?: System.getenv(JOURNAL_VARIABLE)?.takeIf { it.isNotEmpty() }

    companion object {
        const val JOURNAL_VARIABLE = "EMRYS_JOURNAL"
    }
}

internal class OutputOptions {
    @Option(
        names = ["--output"],
        paramLabel = "text|json",
        description = ["text for people, json for programs. Default: text."],
    )
    var output: Output = Output.TEXT

    val json: Boolean
        get() = output == Output.JSON

    val diagnostics: DiagnosticOutput
        get() = if (json) DiagnosticOutput.JSON else DiagnosticOutput.TEXT
}

/** The output of a command that prints diagnostics only. */
internal class CheckOutputOptions {
    @Option(
        names = ["--output"],
        paramLabel = "text|json|sarif",
        description =
            [
                "text for people, json for programs, sarif",
                "(version 2.1.0) for code scanning. Default: text.",
            ],
    )
    var output: DiagnosticOutput = DiagnosticOutput.TEXT
}

/** A run that exists, and where to look for it. */
internal class RunOptions {
    @Parameters(
        index = "0",
        paramLabel = "RUN",
        description = ["The name or the id of the run, a unique beginning of either, or `last`."],
    )
    lateinit var run: String

    @Mixin lateinit var state: StateOptions

    val isLast: Boolean
        get() = run == LAST

    companion object {
        /** The newest run of the visible state folders. */
        const val LAST = "last"
    }
}

/** A script and its params. */
internal class ScriptOptions {
    @Parameters(paramLabel = "FILE", description = ["The script, a .emr.kts file."])
    lateinit var file: String

    @Option(
        names = ["--param"],
        paramLabel = "NAME=VALUE",
        description = ["A param of the script. May be repeated; overrides --params."],
    )
    var params: List<String> = emptyList()

    @Option(
        names = ["--params"],
        paramLabel = "FILE.json",
        description = ["Params as one JSON object."],
    )
    var paramsFile: Path? = null

    val path: Path
        get() = Path.of(file)

    /**
     * @param fire the fire of a schedule that the script is evaluated for; null when a person
     *   starts it
     * @param onCompile called before a compilation, which takes seconds; not for a cached script
     * @param onExit called when the script ends this process and that could not be prevented
     */
    fun load(
        sampling: Boolean,
        onCompile: () -> Unit,
        onExit: (Diagnostic) -> Unit,
        fire: ScheduledFire? = null,
    ): LoadResult =
        ScriptHost(StateFolders.cache().resolve("scripts"), onCompile = onCompile, onExit = onExit)
            .load(
                LoadRequest(
                    path,
                    file,
                    given,
                    sampling,
                    lazy { fire?.fire?.nominal()?.toLocalDate() ?: LocalDate.now() },
                    fire?.let { lazy { it.moment } },
                )
            )

    /** Whether the command line or the params file has a value for a param. */
    fun isGiven(param: String): Boolean = param in given

    private val given: Map<String, String> by lazy { allParams() }

    private fun allParams(): Map<String, String> {
        val values = LinkedHashMap<String, String>()
        paramsFile?.let { values.putAll(ParamsFile.read(it)) }
        val named = HashSet<String>()
        for (param in params) {
            val equals = param.indexOf('=')
            if (equals < 1) {
                throw StopException(CommandCode.PARAM_SYNTAX.of(param))
            }
            val name = param.substring(0, equals)
            if (!named.add(name)) {
                throw StopException(CommandCode.PARAM_REPEATED.of(name))
            }
            values[name] = param.substring(equals + 1)
        }
        return values
    }
}

/** How many runs a process that serves schedules starts at the same time. */
internal class RunLimitOption {
    @Option(
        names = ["--max-runs"],
        paramLabel = "N",
        description =
            [
                "This process drives at most N runs at the same time; further ones wait, the schedules in turn. Default: 16."
            ],
    )
    var maxRuns: Int = DEFAULT_MAX_RUNS

    fun check() {
        if (maxRuns < 1) throw StopException(CommandCode.LIMIT_RANGE.of("--max-runs", maxRuns))
    }

    private companion object {
        const val DEFAULT_MAX_RUNS = 16
    }
}
