package dev.emrys.aws

import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import java.net.URI
import java.nio.file.Files

/**
 * moto's server in a process of its own: EMR and STS as other people have written them, from AWS's
 * documents.
 */
class MotoServer : AutoCloseable {
    private val log = temporaryFolder("emrys-moto").resolve("log")
    private val process: Process =
        ProcessBuilder("moto_server", "-H", "127.0.0.1", "-p", "0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .apply { environment().keys.removeIf { it.startsWith("AWS_") || it == "MOTO_PORT" } }
            .start()

    /** It prints the port that the system has chosen when it listens. */
    val uri: URI

    init {
        try {
            awaitUntil("moto's server listens") {
                check(process.isAlive) { Files.readString(log) }
                address() != null
            }
            uri = checkNotNull(address())
        } catch (e: IllegalStateException) {
            close()
            throw e
        }
    }

    private fun address(): URI? =
        Regex("Running on (http://127\\.0\\.0\\.1:\\d+)\\s").find(Files.readString(log))?.let {
            URI.create(it.groupValues[1])
        }

    override fun close() {
        process.destroy()
        process.onExit().join()
    }
}
