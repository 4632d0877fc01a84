package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.storage.logs.LogGroups
import dev.emrys.storage.logs.LogsService
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import java.time.InstantSource
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeText

/** By stream. The messages have no characters that JSON escapes. */
private fun LogGroups.messages(group: String): Map<String, List<String>> {
    val service = LogsService(this, "us-east-1", "000000000000")
    fun values(operation: String, body: String, member: String): List<String> {
        val answer = service.respond("Logs_20140328.$operation", body.toByteArray())
        return Regex("\"$member\":\"([^\"]*)\"")
            .findAll(answer.decodeToString())
            .map { it.groupValues[1] }
            .toList()
    }
    val inGroup = """"logGroupName":"$group""""
    return values("DescribeLogStreams", "{$inGroup}", "logStreamName").associateWith {
        val body = """{$inGroup,"logStreamName":"$it","startFromHead":true}"""
        values("GetLogEvents", body, "message")
    }
}

class StepLogEventsTest :
    FunSpec({
        val target =
            StepLaunch.CloudWatch("/aws/emr/j-1", "j-1/s-1/", ImmutableSet.of("stdout", "stderr"))

        fun published(folder: Path): LogGroups {
            val groups = LogGroups(temporaryFolder("emrys-logs"), InstantSource.system())
            StepLogEvents(groups, target, folder, 5).publish()
            return groups
        }

        test("the output of a step that has ended is in log streams, a line for each event") {
            val account = account()
            AccountStorage(
                    account,
                    "us-east-1",
                    "000000000000",
                    ImmutableList.of(),
                    InstantSource.system(),
                )
                .use { storage ->
                    LocalStepRunner(account, NO_DISTRIBUTIONS, InstantSource.system(), storage)
                        .use { runner ->
                            val listener = RecordingListener()
                            val script = "printf 'one\\n\\ntwo ü\\r\\nlast'; echo bad >&2; exit 3"
                            val step = launch("s-1", "bash", "-c", script, cloudWatch = target)
                            runner.start(step, listener)
                            listener.exit().shouldBeInstanceOf<StepExit.Failed>()
                        }
                    storage.logs().messages("/aws/emr/j-1") shouldBe
                        mapOf(
                            "j-1/s-1/stderr" to listOf("bad"),
                            "j-1/s-1/stdout" to listOf("one", "two ü", "last"),
                        )
                    account.logs().openToOthers() shouldBe emptyList()
                }
        }

        test("a line that is too long is several events, and the lines after it keep their order") {
            val folder = temporaryFolder("emrys-step")
            val long = "x".repeat(600_000)
            val lines = List(25_000) { "line $it" }
            folder.resolve("stdout").writeText((listOf(long) + lines).joinToString("\n"))
            val messages = published(folder).messages("/aws/emr/j-1").getValue("j-1/s-1/stdout")
            messages.take(3).map { it.length } shouldContainExactly listOf(262_144, 262_144, 75_712)
            // The first answer has 10,000 events.
            messages.drop(3) shouldContainExactly lines.take(messages.size - 3)
        }

        test("the output is copied once, also when the end of the step is reported again") {
            val folder = temporaryFolder("emrys-step")
            folder.resolve("stdout").writeText("once\n")
            val groups = published(folder)
            StepLogEvents(groups, target, folder, 6).publish()
            groups.messages("/aws/emr/j-1") shouldBe mapOf("j-1/s-1/stdout" to listOf("once"))
            folder.resolve(StepLogEvents.COPIED).deleteExisting()
            StepLogEvents(groups, target, folder, 6).publish()
            groups.messages("/aws/emr/j-1").values.single().size shouldBe 2
        }
    })
