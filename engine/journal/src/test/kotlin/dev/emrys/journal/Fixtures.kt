package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import java.sql.Connection
import java.sql.DriverManager
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.function.Consumer

val noon: Instant = Instant.parse("2026-01-01T12:00:00Z")

fun record(
    id: String,
    name: String = "name-of-$id",
    startedAt: Instant = noon,
    script: String = "daily.emr.kts",
): RunRecord = RunRecord(id, name, "daily", script, "local", startedAt, null, null)

/** An event that its task distinguishes from every other. */
fun eventOf(task: String): Event = Event.AttemptRunning(noon, task, 1)

fun eventsOf(vararg tasks: String): ImmutableList<Event> =
    ImmutableList.copyOf(tasks.map { eventOf(it) })

/** Bounded, so that a hanging test fails. */
fun <T> CompletableFuture<T>.soon(): T = get(60, TimeUnit.SECONDS)

/** The failure of an append. */
fun failureOf(appended: CompletableFuture<*>): JournalException =
    shouldThrow<ExecutionException> { appended.soon() }.cause.shouldBeInstanceOf<JournalException>()

/** A journal that warns of nothing. */
fun sqlite(folder: Path): SqliteJournal = SqliteJournal.open(folder) { error(it) }

/** A lease that ends soon, so that a test need not wait for long. */
internal val shortLease: LeaseTimes = LeaseTimes(Duration.ofSeconds(4), Duration.ofMillis(200))

internal fun postgres(
    url: String,
    times: LeaseTimes = shortLease,
    clock: PostgresTokenBuckets.Clock = PostgresTokenBuckets.Clock.SERVER,
    warnings: Consumer<String> = Consumer { error(it) },
): PostgresJournal = PostgresJournal.open(PostgresAddress.parse(url), times, clock, warnings)

/** The file as any other tool sees it. */
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
