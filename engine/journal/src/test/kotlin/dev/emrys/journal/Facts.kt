package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

val noon: Instant = Instant.parse("2026-01-01T12:00:00Z")

fun record(
    id: String,
    name: String = "name-of-$id",
    startedAt: Instant = noon,
    script: String = "daily.emr.kts",
): Journal.RunRecord = Journal.RunRecord(id, name, "daily", script, "local", startedAt, null, null)

/** A fact that can be told from every other by its task. */
fun fact(task: String): Event = Event.AttemptRunning(noon, task, 1)

fun facts(vararg tasks: String): ImmutableList<Event> = ImmutableList.copyOf(tasks.map { fact(it) })

/** Never waits for ever: a test that hangs says nothing. */
fun <T> CompletableFuture<T>.soon(): T = get(60, TimeUnit.SECONDS)

/** The file as anybody's tool sees it. */
fun plainSql(folder: Path): Connection =
    DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"))

fun Connection.rows(sql: String): List<List<Any?>> =
    createStatement().use { statement ->
        statement.executeQuery(sql).use { rows ->
            val columns = rows.metaData.columnCount
            val found = mutableListOf<List<Any?>>()
            while (rows.next()) found += (1..columns).map { rows.getObject(it) }
            found
        }
    }

fun Connection.run(sql: String) {
    createStatement().use { it.execute(sql) }
}
