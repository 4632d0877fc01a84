package dev.emrys.journal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.lang.reflect.InvocationHandler
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy
import java.sql.Connection
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean

/** Dies once when it is [told], as a JVM does that has no memory left. */
private fun mortal(connection: Connection, told: AtomicBoolean): Connection {
    val handler = InvocationHandler { _, method, args ->
        if (method.name == "createStatement" && told.getAndSet(false)) {
            throw OutOfMemoryError("for the test")
        }
        try {
            method.invoke(connection, *args.orEmpty())
        } catch (e: InvocationTargetException) {
            throw e.targetException
        }
    }
    val loader = Connection::class.java.classLoader
    return Proxy.newProxyInstance(loader, arrayOf(Connection::class.java), handler) as Connection
}

class WriterTest :
    FunSpec({
        fun GroupCommit.write(write: GroupCommit.Write) = submit(write).get(10, TimeUnit.SECONDS)

        test("an error while a write begins fails that write, and the writer goes on") {
            val file = SqliteFile(tempdir().toPath().resolve("journal.db"))
            val dies = AtomicBoolean(true)
            GroupCommit(file, mortal(file.connect(), dies)).use { writer ->
                shouldThrow<ExecutionException> { writer.write {} }
                    .cause
                    .shouldBeInstanceOf<JournalException>()
                    .message!! shouldContain "for the test"
                writer.write {}
            }
        }

        test("a write that could not be rolled back is, before the next but one") {
            val file = SqliteFile(tempdir().toPath().resolve("journal.db"))
            val dies = AtomicBoolean(false)
            GroupCommit(file, mortal(file.connect(), dies)).use { writer ->
                shouldThrow<ExecutionException> {
                        writer.write {
                            dies.set(true)
                            error("a bad write")
                        }
                    }
                    .cause!!
                    .message!! shouldContain "a bad write"
                shouldThrow<ExecutionException> { writer.write {} }.cause!!.message!! shouldContain
                    "transaction"
                writer.write {}
            }
        }
    })
