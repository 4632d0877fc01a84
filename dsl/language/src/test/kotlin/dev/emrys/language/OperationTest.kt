package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.AwaitedState
import dev.emrys.spec.ClusterCode
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.FleetSize
import dev.emrys.spec.GroupSize
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.NotebookExecution
import dev.emrys.spec.OperationSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.StepChoice
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

private fun PipelineSpec.operation(name: String) =
    tasks().single { it.name() == name } as OperationSpec

/** What each operation on an existing cluster says. */
private fun operationsOf(block: ClusterHandle.() -> Unit): List<ClusterOperation> = specOf {
    pipeline("p") { existingCluster("prod") { id = "j-1" }.block() }
}
    .also { it.check().all().shouldBeEmpty() }
    .tasks()
    .map { (it as OperationSpec).operation() }

class OperationTest :
    FunSpec({
        test("a resize has its sizes, order, retry and timeout, and a step may be after it") {
            val spec = specOf {
                pipeline("p") {
                    defaults {
                        retry(9)
                        timeout = 9.hours
                    }
                    val etl =
                        cluster("etl") {
                            instances {
                                primary("m6g.xlarge")
                                core("m6g.xlarge", count = 2)
                                task("m6g.xlarge", count = 1)
                            }
                        }
                    val load = etl.step("load") { bash("date") }
                    val grow =
                        etl.resize("grow") {
                            core = 10
                            task = 0
                            after(load)
                            retry(3)
                            timeout = 30.minutes
                        }
                    etl.step("join") {
                        bash("date")
                        after(grow)
                    }
                    etl.changeStepConcurrency("four", to = 4)
                }
            }
            spec.check().all().shouldBeEmpty()
            val grow = spec.operation("grow")
            grow.operation() shouldBe
                ClusterOperation.Resize(
                    ImmutableList.of(
                        GroupSize(InstanceRole.CORE, null, 10),
                        GroupSize(InstanceRole.TASK, null, 0),
                    ),
                    ImmutableList.of(),
                )
            grow.cluster() shouldBe "etl"
            grow.after() shouldContainExactly listOf("load")
            grow.retry().attempts() shouldBe 3
            grow.timeout() shouldBe Duration.ofMinutes(30)
            spec.tasks().single { it.name() == "join" }.after() shouldContainExactly listOf("grow")
            // The defaults are those of steps.
            spec.operation("four").retry().attempts() shouldBe 1
            spec.operation("four").timeout() shouldBe null
        }

        test("every word makes its operation") {
            val what = operationsOf {
                resize("a") {
                    group("Spot tasks", 20)
                    group("ig-1", 3)
                }
                resize("b") {
                    coreFleet(onDemand = 4)
                    taskFleet(onDemand = 0, spot = 8)
                }
                changeStepConcurrency("c", to = 10)
                changeManagedScaling("d") {
                    limits {
                        minimum = 4
                        maximum = 40
                        unit = ScalingUnit.Vcpu
                    }
                }
                removeManagedScaling("e")
                changeIdleTimeout("f", to = 6.hours)
                removeIdleTimeout("g")
                changeTerminationProtection("h", on = true)
                changeTerminationProtection("i", on = false)
                awaitStep("j") { stepId = "s-1" }
                cancelStep("k") {
                    stepName = "stream"
                    kill = true
                }
                awaitIdle("l")
                awaitEnd("m")
                endCluster("n")
            }
            (what[0] as ClusterOperation.Resize).groups() shouldContainExactly
                listOf(GroupSize(null, "Spot tasks", 20), GroupSize(null, "ig-1", 3))
            (what[1] as ClusterOperation.Resize).fleets() shouldContainExactly
                listOf(
                    FleetSize(InstanceRole.CORE, 4, null),
                    FleetSize(InstanceRole.TASK, 0, 8),
                )
            what[2] shouldBe ClusterOperation.StepConcurrency(10)
            val policy = (what[3] as ClusterOperation.ScalingLimits).policy()!!
            listOf(policy.minimum(), policy.maximum(), policy.unit()) shouldBe listOf(4, 40, "VCPU")
            what.drop(4) shouldContainExactly
                listOf(
                    ClusterOperation.ScalingLimits(null),
                    ClusterOperation.AutoTermination(Duration.ofHours(6)),
                    ClusterOperation.AutoTermination(null),
                    ClusterOperation.TerminationProtection(true),
                    ClusterOperation.TerminationProtection(false),
                    ClusterOperation.AwaitStep(StepChoice("s-1", null)),
                    ClusterOperation.CancelStep(StepChoice(null, "stream"), true),
                    ClusterOperation.AwaitCluster(AwaitedState.IDLE),
                    ClusterOperation.AwaitCluster(AwaitedState.ENDED),
                    ClusterOperation.EndCluster(),
                )
        }

        test("a notebook is named with its values, and by a text beside the script") {
            val what = operationsOf {
                notebookExecution("a") {
                    workspace("e-1ABC", "reports/daily.ipynb")
                    serviceRole = "Notebooks"
                    parameters("day" to "2026-01-02", "top" to 10)
                    parameters("tables" to listOf("a", "b"))
                    environment("STAGE" to "prod")
                    output = "s3://books/executed/"
                    executionRole = "arn:aws:iam::123456789012:role/Analysts"
                    securityGroup = "sg-1"
                    primarySecurityGroup = "sg-2"
                    timeout = 1.hours
                }
                notebookExecution("b") { notebook = "s3://books/daily.ipynb" }
                notebookExecution("c") { notebook = "daily.ipynb" }
            }
            val a = what[0] as NotebookExecution
            listOf(a.editorId(), a.path(), a.notebook()) shouldBe
                listOf("e-1ABC", "reports/daily.ipynb", null)
            a.serviceRole() shouldBe "Notebooks"
            a.parameters().toString() shouldBe
                """{"day":"2026-01-02","top":10,"tables":["a","b"]}"""
            a.environment() shouldBe mapOf("STAGE" to "prod")
            listOf(
                a.output(),
                a.executionRole(),
                a.securityGroup(),
                a.primarySecurityGroup(),
            ) shouldBe
                listOf(
                    "s3://books/executed/",
                    "arn:aws:iam::123456789012:role/Analysts",
                    "sg-1",
                    "sg-2",
                )
            val b = what[1] as NotebookExecution
            b.notebook() shouldBe "s3://books/daily.ipynb"
            b.serviceRole() shouldBe "EMR_Notebooks_DefaultRole"
            b.parameters().isEmpty shouldBe true
            (what[2] as NotebookExecution).notebook()!! shouldMatch "file:///.*/daily.ipynb"
        }

        test("operations keep their place in a sequence, whose result is its steps") {
            var steps = listOf<StepHandle>()
            val spec = specOf {
                pipeline("p") {
                    steps =
                        existingCluster("prod") { id = "j-1" }
                            .sequence {
                                step("a") { bash("date") }
                                resize("grow") { core = 10 }
                                step("b") { bash("date") }
                                changeStepConcurrency("one", to = 1) {}
                            }
                }
            }
            spec.tasks().associate { it.name() to it.after().toList() } shouldBe
                mapOf(
                    "a" to listOf(),
                    "grow" to listOf("a"),
                    "b" to listOf("grow"),
                    "one" to listOf("b"),
                )
            steps.map { it.name } shouldContainExactly listOf("a", "b")
        }

        test("managed scaling without limits is an error") {
            val evaluated = evaluate {
                pipeline("p") {
                    existingCluster("prod") { id = "j-1" }.changeManagedScaling("wider") {}
                }
            }
            evaluated.spec!!.check().all().map { it.code() } shouldContainExactly
                listOf(ClusterCode.MANAGED_SCALING_LIMITS)
        }

        test("an operation is not after itself") {
            val evaluated = evaluate {
                pipeline("p") {
                    val prod = existingCluster("prod") { id = "j-1" }
                    val one = prod.resize("one") { core = 2 }
                    prod.resize("one") {
                        core = 2
                        after(one)
                    }
                }
            }
            evaluated.errors().map { it.code() } shouldContainExactly
                listOf(ScriptCode.STEP_AFTER_ITSELF)
        }
    })
