package dev.emrys.cli

import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.spec.Diagnostic
import java.nio.file.Path
import java.time.LocalDate
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `--output`: for people, or for programs. */
internal enum class Output {
    TEXT,
    JSON,
}

internal class StateOptions {
    @Option(
        names = ["--state"],
        paramLabel = "FOLDER",
        description = ["The state folder. Default: the nearest .emrys, or one beside the script."],
    )
    var state: Path? = null
}

internal class OutputOptions {
    @Option(
        names = ["--output"],
        paramLabel = "text|json",
        description = ["For people, or for programs. Default: text."],
    )
    var output: Output = Output.TEXT

    val json: Boolean
        get() = output == Output.JSON
}

/** A script and its params. */
internal class ScriptOptions {
    @Parameters(paramLabel = "FILE", description = ["The script, a .emr.kts file."])
    lateinit var file: String

    @Option(
        names = ["--param"],
        paramLabel = "NAME=VALUE",
        description = ["A param of the script. May be repeated; stands above --params."],
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

    /** @param onExit called when the script ends this process, and it could not be prevented */
    fun load(sampling: Boolean, onExit: (Diagnostic) -> Unit): LoadResult =
        ScriptHost(Folders.cache().resolve("scripts"), onExit = onExit)
            .load(LoadRequest(path, file, all(), sampling, LocalDate.now()))

    private fun all(): Map<String, String> {
        val values = LinkedHashMap<String, String>()
        paramsFile?.let { values.putAll(ParamsFile.read(it)) }
        val named = HashSet<String>()
        for (param in params) {
            val equals = param.indexOf('=')
            if (equals < 1) {
                throw StopException(
                    ExitCode.MISTAKE,
                    "--param $param has no name or no '='.\n    Write --param name=value.",
                )
            }
            val name = param.substring(0, equals)
            if (!named.add(name)) {
                throw StopException(
                    ExitCode.MISTAKE,
                    "--param $name is given more than once.\n    Write it once.",
                )
            }
            values[name] = param.substring(equals + 1)
        }
        return values
    }
}
