package dev.emrys.testing

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/**
 * Runs a PostgreSQL server on this machine until the process is ended, and prints its URL.
 * Arguments: the folder of its data, which is kept, and its port.
 */
public fun main(arguments: Array<String>) {
    val data = Path.of(arguments[0])
    Files.createDirectories(data)
    val server =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setPort(arguments[1].toInt())
            .setPGStartupWait(Duration.ofSeconds(90))
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .start()
    Runtime.getRuntime().addShutdownHook(Thread { server.close() })
    println("postgresql://postgres@localhost:${server.port}/postgres")
    Thread.currentThread().join()
}
