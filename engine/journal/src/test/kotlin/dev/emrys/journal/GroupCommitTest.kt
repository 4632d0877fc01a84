package dev.emrys.journal

import dev.emrys.sqlite.SqliteConnection
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy
import java.sql.Connection
import java.sql.DriverManager
import java.sql.PreparedStatement
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.LinkedBlockingQueue

/** [real], with [before] called for each update that is executed, with its SQL. */
private fun watched(real: Connection, before: (String) -> Unit): Connection =
    proxy(
        Connection::class.java,
        real,
        after = { method, args, result ->
            if (method == "prepareStatement") {
                val sql = args[0] as String
                proxy(
                    PreparedStatement::class.java,
                    result as PreparedStatement,
                    before = { if (it == "executeUpdate") before(sql) },
                )
            } else result
        },
    )

private fun <T : Any> proxy(
    type: Class<T>,
    real: T,
    before: (String) -> Unit = {},
    after: (String, List<Any?>, Any?) -> Any? = { _, _, result -> result },
): T =
    type.cast(
        Proxy.newProxyInstance(type.classLoader, arrayOf(type)) { _, method, args ->
            before(method.name)
            try {
                after(method.name, args.orEmpty().toList(), method.invoke(real, *args.orEmpty()))
            } catch (e: InvocationTargetException) {
                throw e.targetException
            }
        }
    )

class GroupCommitTest :
    FunSpec({
        fun writer(before: (String) -> Unit = {}): GroupCommit {
            val path = tempdir().toPath().resolve("journal.db")
            val file = SqliteFile(path, Patience.DEFAULT) { error(it) }
            return GroupCommit(
                file,
                SqliteConnection(path) {
                    watched(DriverManager.getConnection("jdbc:sqlite:$path"), before)
                },
            )
        }

        test("an error while a write begins fails that write, and the writer continues") {
            var failing = true
            writer { if (failing) throw OutOfMemoryError("for the test").also { failing = false } }
                .use { writer ->
                    failureOf(writer.submit(1) { 1 }).message!! shouldContain "for the test"
                    writer.submit(1) { 1 }.soon()
                }
        }

        test("a write that cannot be rolled back ends its connection, and the next has another") {
            var failing = false
            writer { if (failing) throw OutOfMemoryError("for the test").also { failing = false } }
                .use { writer ->
                    val bad =
                        writer.submit<Int>(1) {
                            failing = true
                            error("a bad write")
                        }
                    failureOf(bad).message!! shouldContain "a bad write"
                    writer.submit(1) { 1 }.soon()
                }
        }

        test(
            "a write that is refused leaves the others in one commit, and fails when they are done"
        ) {
            val statements = mutableListOf<String>()
            writer { statements += it }
                .use { writer ->
                    val open = CountDownLatch(1)
                    val begun = CountDownLatch(1)
                    val first =
                        writer.submit(1) {
                            begun.countDown()
                            open.await()
                            1
                        }
                    begun.await()
                    val before = (1..10).map { writer.submit(1) { 1 } }
                    val refused =
                        writer.submit<Int>(1) { throw DuplicateRunException("1", "calm-otter") }
                    val after = (1..10).map { writer.submit(1) { 1 } }
                    open.countDown()
                    (listOf(first) + before + after).forEach { it.soon() }
                    failureOf(refused).shouldBeInstanceOf<DuplicateRunException>()
                    statements.filter { it.startsWith("PRAGMA").not() } shouldBe
                        listOf("BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT")
                }
        }

        test("pages of the write-ahead log are copied when nothing is to be written, not before") {
            val path = tempdir().toPath().resolve("journal.db")
            val file = SqliteFile(path, Patience.DEFAULT) { error(it) }
            DriverManager.getConnection("jdbc:sqlite:$path").use { other ->
                /** Pages of the log, and how many of them are copied. */
                fun pages(): Pair<Int, Int> =
                    other.createStatement().use { statement ->
                        statement.executeQuery("PRAGMA wal_checkpoint(NOOP)").use { row ->
                            row.next()
                            row.getInt(2) to row.getInt(3)
                        }
                    }
                GroupCommit(file, file.connect()).use { writer ->
                    val open = CountDownLatch(1)
                    val large =
                        writer.submit(4_096) {
                            open.await()
                            it.executeOnce("CREATE TABLE t (x BLOB)")
                            it.executeOnce("INSERT INTO t VALUES (zeroblob(8000000))")
                            1
                        }
                    val next = writer.submit(1) { pages() }
                    open.countDown()
                    large.soon()
                    val (written, copied) = next.soon()
                    written shouldBeGreaterThan 1_900
                    copied shouldBe 0
                    CompletableFuture.runAsync {
                            while (pages().let { (all, done) -> done < all }) Thread.onSpinWait()
                        }
                        .soon()
                }
            }
        }

        test("many rows are not gathered into one commit without limit") {
            val statements = mutableListOf<String>()
            writer { statements += it }
                .use { writer ->
                    val open = CountDownLatch(1)
                    val begun = CountDownLatch(1)
                    val first =
                        writer.submit(1) {
                            begun.countDown()
                            open.await()
                            1
                        }
                    begun.await()
                    val large = (1..6).map { writer.submit(2_000) { 1 } }
                    open.countDown()
                    (listOf(first) + large).forEach { it.soon() }
                    statements.count { it == "COMMIT" } shouldBe 3
                }
        }

        test("a write that is submitted while the writer closes is done or refused") {
            repeat(200) {
                val writer = writer()
                val together = CyclicBarrier(2)
                val submitted = CompletableFuture.supplyAsync {
                    together.await()
                    (1..20).map { writer.submit(1) { 1 } }
                }
                together.await()
                writer.close()
                submitted.soon().forEach { it.handle { _, _ -> true }.soon() }
            }
        }

        test("a lock of another process is waited for however long it lasts, and reported once") {
            val folder = tempdir().toPath()
            val warnings = LinkedBlockingQueue<String>()
            val patience =
                Patience(Duration.ofMillis(1), Duration.ofMillis(20), Duration.ofMinutes(1))
            SqliteJournal.open(folder, patience, warnings::add).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                plainSql(folder).use { other ->
                    other.run("BEGIN IMMEDIATE")
                    val appended = journal.events().append(lease, 1, eventsOf("a"))
                    warnings.next() shouldContain
                        "The journal ${folder.resolve("journal.db")} has been locked by another process for "
                    val next = journal.events().append(lease, 2, eventsOf("b"))
                    appended.isDone shouldBe false
                    other.run("ROLLBACK")
                    appended.soon()
                    next.soon()
                }
                warnings.size shouldBe 0
            }
        }

        test("a close does not wait without limit for a lock of another process") {
            val folder = tempdir().toPath()
            val patience = Patience(Duration.ofMillis(1), Duration.ofMinutes(1), Duration.ZERO)
            val journal = SqliteJournal.open(folder, patience) { error(it) }
            journal.runs().create(record("r1"), "{}").use { lease ->
                plainSql(folder).use { other ->
                    other.run("BEGIN IMMEDIATE")
                    val appended = journal.events().append(lease, 1, eventsOf("a"))
                    CompletableFuture.runAsync { journal.close() }.soon()
                    failureOf(appended).message!! shouldContain "still locked by another process"
                }
            }
        }
    })
