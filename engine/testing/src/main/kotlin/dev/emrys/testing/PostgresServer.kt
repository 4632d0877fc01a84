package dev.emrys.testing

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres
import java.io.IOException
import java.sql.Connection
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger

/** Of a busy machine. */
private val START_TIMEOUT: Duration = Duration.ofSeconds(90)

/**
 * A PostgreSQL server of this JVM, which is started at the first use and ends with the JVM. Its
 * commits are not flushed to the disk: no test stops the machine. It also starts for root, who is
 * then another user for the server's processes.
 */
public object PostgresServer {
    private val started by lazy {
        try {
            Result.success(EmbeddedPostgres.builder().setPGStartupWait(START_TIMEOUT).start())
        } catch (e: IOException) {
            Result.failure(e)
        } catch (e: RuntimeException) {
            Result.failure(e)
        }
    }
    private val server: EmbeddedPostgres
        get() = started.getOrThrow()

    /**
     * Why no server starts on this machine, such as one without binaries for it, or where root may
     * not become another user; null where one starts. Starts it.
     */
    public val unavailable: String?
        get() = started.exceptionOrNull()?.let { "PostgreSQL cannot be started here: $it" }

    private val databases = AtomicInteger()

    /** Creates an empty database, and gives its URL, as psql takes it. */
    public fun newDatabase(): String {
        val name = "test${databases.incrementAndGet()}"
        sql("/postgres") { it.createStatement().use { s -> s.execute("CREATE DATABASE $name") } }
        return "postgresql://postgres@localhost:${server.port}/$name"
    }

    public fun port(url: String): Int = url.substringAfterLast(':').substringBefore('/').toInt()

    /** Runs SQL in a database that [newDatabase] has made, as a superuser. */
    public fun <T> sql(url: String, use: (Connection) -> T): T =
        server.getDatabase("postgres", url.substringAfterLast('/')).connection.use(use)

    /** Ends every other connection to the database, as a restart of the server does. */
    public fun disconnectAll(url: String): Unit =
        sql(url) {
            it.createStatement().use { s ->
                s.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            }
            Unit
        }
}
