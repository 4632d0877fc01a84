package dev.emrys.cli

import com.google.common.hash.Hashing
import dev.emrys.spec.CommandCode
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** A systemd service that makes a call, and the timer that starts it. */
internal class SystemdUnits(served: Path) {
    /** Without the ending. */
    val name: String = "emrys-schedule-${escaped(served)}"
    val service: String = "$name.service"
    val timer: String = "$name.timer"

    fun serviceText(call: InstalledCall): String {
        val environment = call.environment.map { (name, value) -> "$name=$value" }
        val words = listOf("/usr/bin/env") + environment + call.words
        // KillMode: the emulator and the steps of local runs go on when the call ends.
        return """
            |[Unit]
            |Description=Emrys: the schedules of ${specifiers("${call.served}")}
            |
            |[Service]
            |Type=oneshot
            |ExecStart=${words.joinToString(" ", transform = ::quoted)}
            |KillMode=process
            |"""
            .trimMargin()
    }

    fun timerText(call: InstalledCall, everyMinutes: Int): String {
        val calendar = if (everyMinutes == 1) "minutely" else "*:0/$everyMinutes"
        // AccuracySec: the default is a minute.
        return """
            |[Unit]
            |Description=Emrys: the schedules of ${specifiers("${call.served}")}
            |
            |[Timer]
            |OnCalendar=$calendar
            |AccuracySec=1s
            |Persistent=true
            |
            |[Install]
            |WantedBy=timers.target
            |"""
            .trimMargin()
    }

    /** Writes the units; creates the folder. */
    fun write(folder: Path, call: InstalledCall, everyMinutes: Int): Unit =
        changing(folder) {
            Files.createDirectories(folder)
            Files.writeString(folder.resolve(service), serviceText(call))
            Files.writeString(folder.resolve(timer), timerText(call, everyMinutes))
        }

    fun isIn(folder: Path): Boolean =
        Files.exists(folder.resolve(timer)) || Files.exists(folder.resolve(service))

    fun remove(folder: Path): Unit =
        changing(folder) {
            Files.deleteIfExists(folder.resolve(timer))
            Files.deleteIfExists(folder.resolve(service))
        }

    private fun changing(folder: Path, change: () -> Unit) {
        try {
            change()
        } catch (e: IOException) {
            throw StopException(
                CommandCode.UNITS_UNUSABLE.of(folder, "${e.javaClass.simpleName} ${e.message}")
            )
        }
    }

    companion object {
        /** A file's name has at most 255 bytes. */
        private const val LONGEST_NAME = 200
        private const val HASH_CHARACTERS = 16

        /**
         * As `systemd-escape --path` does; of a long path the beginning and a hash. See
         * https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html, "String
         * Escaping for Inclusion in Unit Names".
         */
        fun escaped(path: Path): String {
            val text = "$path".trim('/')
            if (text.isEmpty()) return "-"
            val escaped = StringBuilder()
            for ((index, byte) in text.toByteArray().withIndex()) {
                val character = byte.toInt().toChar()
                when {
                    character == '/' -> escaped.append('-')
                    character in PLAIN && !(index == 0 && character == '.') ->
                        escaped.append(character)
                    else -> escaped.append("\\x%02x".format(byte))
                }
            }
            if (escaped.length <= LONGEST_NAME) return "$escaped"
            val hash = "${Hashing.sha256().hashString(text, Charsets.UTF_8)}".take(HASH_CHARACTERS)
            return "${escaped.take(LONGEST_NAME - HASH_CHARACTERS - 1)}-$hash"
        }

        private val PLAIN = (('a'..'z') + ('A'..'Z') + ('0'..'9') + ':' + '_' + '.').toSet()

        /**
         * A word of ExecStart. See
         * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html, "Command
         * Lines".
         */
        private fun quoted(word: String): String =
            "\"" +
                specifiers(word).replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "$$") +
                "\""

        private fun specifiers(text: String) = text.replace("%", "%%")

        /** The folder of the user's own units. */
        fun userFolder(): Path {
            val config = System.getenv("XDG_CONFIG_HOME")?.takeIf { it.isNotEmpty() }
            val base =
                if (config != null) Path.of(config)
                else Path.of(System.getProperty("user.home"), ".config")
            return base.toAbsolutePath().resolve("systemd/user")
        }

        /** Whether the user's own systemd is running. */
        fun isManaged(): Boolean = call("is-system-running")?.out in RUNNING

        /** Calls `systemctl --user`; false when it fails. */
        fun control(vararg words: String): Boolean = call(*words)?.exit == 0

        private class Result(val exit: Int, val out: String)

        private fun call(vararg words: String): Result? =
            try {
                val process =
                    ProcessBuilder(listOf("systemctl", "--user") + words)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                process.outputStream.close()
                val out = String(process.inputStream.readAllBytes()).trim()
                Result(process.waitFor(), out)
            } catch (_: IOException) {
                null
            }

        /** Degraded: another unit has failed. */
        private val RUNNING = setOf("running", "degraded", "starting", "initializing")
    }
}
