package dev.emrys.host

import java.nio.file.Path
import java.time.LocalDate
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

internal val TODAY: LocalDate = LocalDate.of(2026, 4, 25)

internal fun request(
    file: Path,
    params: Map<String, String> = emptyMap(),
    sampling: Boolean = false,
    display: String = file.fileName.toString(),
) = LoadRequest(file, display, params, sampling, lazyOf(TODAY))

/** A valid script, different for each [name]. */
internal fun fine(name: String) =
    """pipeline("$name") { cluster("c") { instances { primary("m6g.xlarge") } }.step("s") { bash("date") } }"""

internal fun Path.script(name: String, text: String): Path =
    resolve(name).also {
        it.parent.createDirectories()
        it.writeText(text)
    }

/** Everything a person is told about a refused script. */
internal fun LoadResult.Refused.told(): String =
    errors.joinToString("\n") { diagnostic ->
        val excerpt = excerpt(diagnostic)
        listOfNotNull(
                diagnostic.toString(),
                excerpt?.let { "  | ${it.line}" },
                excerpt?.mark?.let { "  | $it" },
            )
            .joinToString("\n")
    } + "\n"
