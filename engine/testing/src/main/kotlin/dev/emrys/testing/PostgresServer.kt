package dev.emrys.testing

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres
import java.sql.Connection
import java.util.concurrent.atomic.AtomicInteger

/**
 * A PostgreSQL server of this JVM, which is started at the first use and ends with the JVM. Its
 * commits are not flushed to the disk: no test stops the machine. It also starts for root, who is
 * then another user for the server's processes.
 */
public object PostgresServer {
    private val server by lazy { EmbeddedPostgres.start() }
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
