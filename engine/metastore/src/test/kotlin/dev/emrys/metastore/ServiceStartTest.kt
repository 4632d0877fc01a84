package dev.emrys.metastore

import dev.emrys.testing.SettableTime
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.time.Duration
import java.time.Instant
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.writeText

/** The start of a service that is a shell script. */
class ServiceStartTest :
    FunSpec({
        val time = SettableTime(Instant.parse("2026-11-22T10:00:00Z"))
        val path = temporaryFolder("emrys-metastore")
        val starts = path.resolve("starts")
        val start = ServiceStart(ServiceFolder(path), "file:/warehouse", time)

        fun use(port: Int, script: String) {
            path.resolve("port").writeText("$port\n")
            val command = listOf("sh", "-c", script, "service")
            path.resolve("command").writeText(command.joinToString("\u0000"))
        }
        fun failure() = shouldThrow<IOException> { start.ensure() }.message.orEmpty()
        fun startsSoFar() = if (starts.exists()) starts.readLines().size else 0

        beforeTest {
            starts.deleteIfExists()
            path.resolve("failed").deleteIfExists()
        }

        test("a service that ends at once fails at once, and is not started again for a minute") {
            use(20_001, "echo x >> '$starts'; echo the cause; exit 3")
            failure().let {
                it shouldContain "It ended with exit code 3:\nthe cause"
                it shouldNotContain "seconds ago"
            }
            time.pass(Duration.ofSeconds(59))
            failure().let {
                it shouldContain "It was tried 59 seconds ago, and is tried again 60 seconds after"
                it shouldContain "the cause"
            }
            startsSoFar() shouldBe 1
            time.pass(Duration.ofSeconds(1))
            failure() shouldNotContain "seconds ago"
            startsSoFar() shouldBe 2
        }

        test("with another port or command, or before the time of the failure, it is started") {
            use(20_001, "echo x >> '$starts'; exit 3")
            failure()
            use(20_002, "echo x >> '$starts'; exit 3")
            failure()
            startsSoFar() shouldBe 2
            use(20_002, "echo x >> '$starts'; exit 4")
            failure() shouldContain "exit code 4"
            val before = SettableTime(time.instant().minusSeconds(1))
            shouldThrow<IOException> {
                    ServiceStart(ServiceFolder(path), "file:/warehouse", before).ensure()
                }
                .message
                .orEmpty() shouldNotContain "seconds ago"
            startsSoFar() shouldBe 4
        }

        test("a service that answers ends the memory of the failure") {
            use(20_001, "echo x >> '$starts'; exit 3")
            failure()
            use(20_001, "echo x >> '$starts'; touch '$path/ready'; sleep 1")
            start.ensure()
            path.resolve("failed").exists() shouldBe false
        }
    })
