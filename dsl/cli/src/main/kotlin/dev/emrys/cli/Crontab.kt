package dev.emrys.cli

import dev.emrys.spec.CommandCode
import java.io.IOException
import java.nio.file.Path

/**
 * The text of a crontab with installations of Emrys, each between two comments that name what it
 * serves. All other lines stay byte for byte. Immutable.
 *
 * @property text each byte as one character, as ISO 8859-1 does: a crontab may be of any encoding
 */
internal class CrontabText(val text: String) {
    private val lines: List<String> = text.split("\n")

    /** What is installed, in the order of the lines. */
    val installed: List<String> =
        lines.filter { it.startsWith(BEGIN) }.map { decoded(it.removePrefix(BEGIN)) }.distinct()

    /**
     * This crontab with an installation, in the place of the one before, else at the beginning:
     * there no variable that the crontab sets has an effect on it.
     *
     * @param body its lines
     */
    fun with(served: Path, body: List<String>): CrontabText {
        val block = (listOf("$BEGIN$served") + body + "$END$served").map { encoded(it) }
        val place = lines.indexOf(encoded("$BEGIN$served")).coerceAtLeast(0)
        val before = remaining(lines.take(place), served)
        val after = remaining(lines.drop(place), served)
        return CrontabText((before + block + after).joinToString("\n"))
    }

    /** This crontab without an installation. */
    fun without(served: Path): CrontabText =
        CrontabText(remaining(lines, served).joinToString("\n"))

    private fun remaining(lines: List<String>, served: Path): List<String> {
        val begin = encoded("$BEGIN$served")
        val end = encoded("$END$served")
        val kept = ArrayList<String>()
        var isInside = false
        for (line in lines) {
            if (isInside && line.startsWith(BEGIN)) throw incomplete(served)
            if (line == begin) isInside = true
            if (!isInside) kept.add(line)
            if (line == end) isInside = false
        }
        if (isInside) throw incomplete(served)
        return kept
    }

    private fun incomplete(served: Path) =
        StopException(CommandCode.CRONTAB_INCOMPLETE.of("$BEGIN$served"))

    companion object {
        private const val BEGIN = "# emrys schedule begin: "
        private const val END = "# emrys schedule end: "

        /** The lines for a call: what is printed goes to a file, as cron would send it by mail. */
        fun lines(
            call: InstalledCall,
            everyMinutes: Int,
            log: Path,
            schedules: List<String>,
        ): List<String> {
            val environment = call.environment.map { (name, value) -> "$name=${quoted(value)}" }
            val words = environment + call.words.map(::quoted)
            val minutes = if (everyMinutes == 1) "*" else "*/$everyMinutes"
            return schedules.map { "# $it" } +
                "$minutes * * * * ${words.joinToString(" ")} >> ${quoted("$log")} 2>&1"
        }

        /**
         * A word for the shell of a crontab's line, without a percent sign: cron takes it for the
         * end of the line, and only some crons have a way to write it.
         */
        fun quoted(word: String): String =
            if (word.matches(PLAIN)) word
            else "'" + word.replace("'", "'\\''").replace("%", "'\"\$(printf '\\045')\"'") + "'"

        private val PLAIN = Regex("[A-Za-z0-9_/.:=@+,-]+")

        private fun encoded(text: String) = String(text.toByteArray(), Charsets.ISO_8859_1)

        private fun decoded(text: String) = String(text.toByteArray(Charsets.ISO_8859_1))
    }
}

/** The user's crontab, through the program `crontab`. */
internal object Crontab {
    fun read(): CrontabText {
        val result = call("read", listOf("crontab", "-l"), "")
        if (result.exit == 0) return CrontabText(result.out)
        // Else a crontab that cannot be read now would be replaced by ours.
        if (result.out.isEmpty() && NONE.any { it in result.err }) return CrontabText("")
        throw unusable("read", result.err)
    }

    fun write(crontab: CrontabText) {
        val result =
            if (crontab.text.isEmpty()) call("removed", listOf("crontab", "-r"), "")
            else call("written", listOf("crontab", "-"), crontab.text)
        if (result.exit != 0) throw unusable("written", result.err)
    }

    private class Result(val exit: Int, val out: String, val err: String)

    private fun call(what: String, command: List<String>, input: String): Result {
        val builder = ProcessBuilder(command)
        // The messages are compared.
        builder.environment()["LC_ALL"] = "C"
        try {
            val process = builder.start()
            val errors = Reader(process)
            val wasRead =
                try {
                    process.outputStream.use { it.write(input.toByteArray(Charsets.ISO_8859_1)) }
                    true
                } catch (_: IOException) {
                    // It has ended: its message says why.
                    false
                }
            val out = String(process.inputStream.readAllBytes(), Charsets.ISO_8859_1)
            val exit = process.waitFor()
            if (exit == 0 && !wasRead) throw IOException("the program has not read it")
            return Result(exit, out, errors.text())
        } catch (e: IOException) {
            throw unusable(what, e.message.orEmpty())
        }
    }

    /** Reads standard error on a thread of its own, so that the program never waits for it. */
    private class Reader(process: Process) {
        private var text = ""
        private val thread = Thread {
            text = String(process.errorStream.readAllBytes())
        }
            .apply {
                isDaemon = true
                start()
            }

        fun text(): String {
            thread.join()
            return text
        }
    }

    private fun unusable(what: String, why: String) =
        StopException(
            CommandCode.CRONTAB_UNUSABLE.of(what, why.trim().replace("\n", "; ").removeSuffix("."))
        )

    /** What the crons of Debian, Red Hat and BusyBox print for a user without a crontab. */
    private val NONE = listOf("no crontab for ", "No such file or directory")
}
