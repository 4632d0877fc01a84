package dev.emrys.aws

import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import software.amazon.awssdk.services.emr.model.ClusterState

/** The calls of a run that change something, when nothing goes wrong. */
private val CHANGES =
    listOf(
        "RunJobFlow",
        "AddJobFlowSteps",
        "AddJobFlowSteps",
        "AddJobFlowSteps",
        "AddJobFlowSteps",
        "CancelSteps",
        "TerminateJobFlows",
        "SetTerminationProtection",
        "TerminateJobFlows",
    )

/** The tasks and attempts whose steps EMR gets. */
private val ATTEMPTS = listOf("a.1", "b.1", "b.2", "c.1")

/** A step's name ends with its key, and the key with the attempt. */
private fun attempts(names: List<String>) =
    names.map { it.substringBefore(" #") + "." + it.substringAfterLast('.') }.sorted()

/**
 * Nothing twice and nothing lost over real HTTP, with the SDK's clients as they are used on AWS.
 * The simulations of engine/emr have lost replies, too, but inside of the process: these
 * connections are really cut, where the SDK or Java's HTTP client could send again by itself.
 */
class WireFaultsTest :
    FunSpec({
        lateinit var properties: Map<String, String>

        beforeSpec {
            properties = WireRun.credentials(tempdir().toPath())
            properties.forEach(System::setProperty)
        }

        afterSpec { properties.keys.forEach(System::clearProperty) }

        /** What EMR was given for a run, and what it has executed of it. */
        fun checkSteps(run: WireRun, fault: WireFault?, operation: String) {
            val given = attempts(run.steps())
            if (operation != "AddJobFlowSteps" || fault?.doubles != true) {
                given shouldContainExactly ATTEMPTS
                attempts(run.started) shouldContainExactly ATTEMPTS
                return
            }
            given.size shouldBe ATTEMPTS.size + 1
            given.distinct() shouldContainExactly ATTEMPTS
            attempts(run.started) shouldContainExactly ATTEMPTS
            // The run ends its cluster when "c" is accepted: a second one never begins, and need
            // not
            // be found.
            val isEnded = fault == WireFault.DOUBLED && given.count { it == "c.1" } > 1
            run.warnings.filter { "more than once" in it } shouldHaveSize if (isEnded) 0 else 1
        }

        fun checkClusters(run: WireRun, fault: WireFault?, operation: String) {
            val clusters = run.clusters()
            val up = clusters.filter { it.status().state() != ClusterState.TERMINATED }
            val twice = operation == "RunJobFlow" && fault?.doubles == true
            clusters.size shouldBe if (twice) 2 else 1
            up.shouldBeEmpty()
            if (twice) run.warnings.filter { "more than once" in it } shouldHaveSize 1
        }

        fun check(run: WireRun, fault: WireFault?, operation: String) {
            run.drive() shouldBe Outcome.CANCELLED
            withClue("${run.changes} ${run.warnings}") {
                run.proxyBugs().shouldBeEmpty()
                if (fault != null) run.faults shouldBe 1
                checkClusters(run, fault, operation)
                checkSteps(run, fault, operation)
                run.events.filterIsInstance<Event.AttemptSucceeded>().map {
                    it.task
                } shouldContainExactly listOf("start:etl", "a", "b", "end:etl")
                run.events.filterIsInstance<Event.AttemptFailed>().map {
                    it.task
                } shouldContainExactly listOf("b")
            }
        }

        test("a run without a fault sends each call once") {
            WireRun(0, null).use {
                check(it, null, "")
                it.changes shouldContainExactly CHANGES
            }
        }

        for (fault in WireFault.entries) {
            test("nothing twice and nothing lost with $fault at each call that changes something") {
                for ((index, operation) in CHANGES.withIndex()) {
                    withClue("$fault at call ${index + 1}, $operation") {
                        WireRun(index + 1, fault).use { check(it, fault, operation) }
                    }
                }
            }
        }
    })
