package dev.emrys.local

import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.util.logging.Formatter
import java.util.logging.Level
import java.util.logging.LogRecord
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

class OwnerLogHandlerTest :
    FunSpec({
        val lines =
            object : Formatter() {
                override fun format(message: LogRecord) = message.message + "\n"
            }

        test("the newest messages are in the file 0, which is renamed when it is full") {
            val folder = temporaryFolder("emrys-log")
            fun log(vararg messages: String) {
                val handler = OwnerLogHandler(folder, 3, 6)
                handler.formatter = lines
                messages.forEach { handler.publish(LogRecord(Level.INFO, it)) }
                messages.last().let {
                    folder.resolve("messages.0.log").text().contains(it)
                } shouldBe true
                handler.close()
            }
            log("1", "2", "3", "4", "5", "6", "7")
            // A later process goes on with the same file.
            log("8", "9", "a", "b", "c")
            folder.listDirectoryEntries().sorted().associate { it.name to it.text() } shouldBe
                mapOf(
                    "messages.0.log" to "a\nb\nc\n",
                    "messages.1.log" to "7\n8\n9\n",
                    "messages.2.log" to "4\n5\n6\n",
                )
            folder.openToOthers().shouldBeEmpty()
        }

        test("the messages of an interrupted thread, and those after them, are written") {
            val folder = temporaryFolder("emrys-log")
            val handler = OwnerLogHandler(folder, 3, 6)
            handler.formatter = lines
            Thread.currentThread().interrupt()
            try {
                handler.publish(LogRecord(Level.INFO, "1"))
            } finally {
                Thread.interrupted() shouldBe true
            }
            handler.publish(LogRecord(Level.INFO, "2"))
            handler.close()
            folder.resolve("messages.0.log").text() shouldBe "1\n2\n"
        }
    })
