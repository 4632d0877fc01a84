package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.emr.FailureLogs.Excerpt
import dev.emrys.emr.FailureLogs.FailedStep
import dev.emrys.emr.FailureLogs.Findings
import dev.emrys.emulator.StepExit
import dev.emrys.run.Event
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.util.Optional
import java.util.concurrent.CompletableFuture

private val NOTHING =
    Findings(ImmutableList.of(), ImmutableList.of(), false, Optional.of("There is no object yet."))

private fun log(text: String, complete: Boolean = false) =
    Findings(
        ImmutableList.of(Excerpt("s3://logs/stderr.gz", text)),
        ImmutableList.of(),
        complete,
        Optional.empty(),
    )

/** Logs that say at each look what the test has set, or nothing at all while [hangs]. */
private class SetLogs : FailureLogs {
    var findings = NOTHING
    var hangs = false
    val opened = mutableListOf<FailedStep>()
    var looks = 0

    override fun open(step: FailedStep): FailureLogs.Reader {
        opened += step
        return FailureLogs.Reader {
            looks++
            if (hangs) CompletableFuture() else CompletableFuture.completedFuture(findings)
        }
    }

    override fun pollInterval(): Duration = seconds(15)

    override fun limit(): Duration = minutes(6)
}

/** A cluster that is watched, and a step that has failed in it. */
private fun EmrHarness.failed(reason: String, task: String = "a"): Pair<String, String> {
    val id = madeCluster()
    perform(watchCluster(id))
    perform(submit(id, task))
    val step = all<Event.AttemptAccepted>().single().remoteId
    perform(watchStep(id, step, task))
    runner.end(step, StepExit.Failed(time.instant(), reason, null, null))
    pass(POLL_INTERVAL)
    return id to step
}

class FailedStepsTest :
    FunSpec({
        fun held(behaves: EmrHarness.(SetLogs) -> Unit) {
            val logs = SetLogs()
            EmrHarness(wire = false, failureLogs = logs).use { it.behaves(logs) }
        }

        test("a failure that EMR does not explain is reported with the cause that its log shows") {
            held { logs ->
                val (cluster, step) = failed("Unknown Error.")
                all<Event.AttemptFailed>().shouldBeEmpty()
                logs.opened.single().logFile.get() shouldBe
                    "s3://logs/emr/$cluster/steps/$step/stderr.gz"
                warnings shouldHaveSize 1
                warnings.single() shouldContain "up to 6 minutes"
                logs.findings = log("26/04/25 03:00:01 INFO Client: Submitting\n")
                pass(seconds(45))
                all<Event.AttemptFailed>().shouldBeEmpty()
                logs.findings =
                    log(
                        "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device\n"
                    )
                pass(seconds(15))
                val failed = all<Event.AttemptFailed>().single()
                failed.cause shouldBe FailureCause.DISK_FULL
                failed.reason shouldBe "Unknown Error.\nOSError: [Errno 28] No space left on device"
                failed.log shouldBe "s3://logs/stderr.gz"
                warnings shouldHaveSize 1
                pass(minutes(10))
                all<Event.AttemptFailed>() shouldHaveSize 1
                bugs.shouldBeEmpty()
            }
        }

        test(
            "a log that does not come delays the report of a failure by the limit, and no longer"
        ) {
            for (hanging in listOf(false, true)) {
                held { logs ->
                    logs.hangs = hanging
                    failed("Unknown Error.")
                    pass(minutes(6).minus(seconds(1)))
                    all<Event.AttemptFailed>().shouldBeEmpty()
                    pass(seconds(1))
                    val failed = all<Event.AttemptFailed>().single()
                    failed.cause shouldBe FailureCause.LOG_MISSING
                    failed.reason shouldContain
                        if (hanging) "not there in time" else "There is no object yet."
                    val looks = logs.looks
                    pass(minutes(5))
                    logs.looks shouldBe looks
                }
            }
        }

        test("logs that are complete and say no cause are not waited for") {
            held { logs ->
                logs.findings = log("done with 12 files\n", complete = true)
                failed("Exit code 3.")
                all<Event.AttemptFailed>().single().cause shouldBe FailureCause.USER_EXCEPTION
                warnings.shouldBeEmpty()
            }
        }

        test("a failure that EMR explains is reported at once, and no log is read") {
            held { logs ->
                failed("Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space")
                all<Event.AttemptFailed>().single().cause shouldBe FailureCause.DRIVER_OUT_OF_MEMORY
                logs.opened.shouldBeEmpty()
            }
        }

        test("a cancellation ends the wait for a log, and asks EMR for nothing") {
            held {
                val (cluster, step) = failed("Unknown Error.")
                perform(cancelStep(cluster, step, "a"))
                all<Event.AttemptFailed>().single().task shouldBe "a"
                recorded.operations().filter { it == "CancelSteps" }.shouldBeEmpty()
            }
        }

        test("the end of a cluster is reported after the failure that waits for its log") {
            held { logs ->
                val (cluster) = failed("Unknown Error.")
                end(cluster)
                pass(minutes(2))
                all<Event.ScopeLost>().shouldBeEmpty()
                all<Event.AttemptFailed>().shouldBeEmpty()
                logs.findings = log("java.lang.ClassNotFoundException: com.acme.Etl\n")
                pass(seconds(15))
                all<Event.AttemptFailed>().map { it.task to it.cause }.first() shouldBe
                    ("a" to FailureCause.UNLOADABLE_CODE)
                events.takeLast(3).map { it::class } shouldContainExactly
                    listOf(
                        Event.AttemptFailed::class,
                        Event.AttemptFailed::class,
                        Event.ScopeLost::class,
                    )
            }
        }

        test("a step that EMR does not know any more keeps that as its cause") {
            val secrets = SecretValues({ Optional.of("s3cret") }, ImmutableSet.of("x"))
            val event =
                Event.AttemptFailed(
                    SUBMIT_TIME,
                    "a",
                    1,
                    FailureKind.INTERNAL,
                    "EMR does not know it; s3cret",
                    null,
                    FailureCause.STEP_VANISHED,
                )
            val reported = secrets.conceal(event) as Event.AttemptFailed
            reported.cause shouldBe FailureCause.STEP_VANISHED
            reported.reason shouldContain "\${secret:x}"
        }
    })
