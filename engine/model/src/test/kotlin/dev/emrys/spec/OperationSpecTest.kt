package dev.emrys.spec

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.InstanceRole.CORE
import dev.emrys.spec.InstanceRole.PRIMARY
import dev.emrys.spec.InstanceRole.TASK
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

private fun operation(
    what: ClusterOperation,
    cluster: String = "etl",
    name: String = "op",
    timeout: Duration? = null,
    retry: RetryPolicy = RetryPolicy.NONE,
) = OperationSpec(name, cluster, what, ImmutableList.of(), retry, timeout, at(7))

private fun groups(vararg sizes: GroupSize) =
    ClusterOperation.Resize(ImmutableList.copyOf(sizes), ImmutableList.of())

private fun fleets(vararg sizes: FleetSize) =
    ClusterOperation.Resize(ImmutableList.of(), ImmutableList.copyOf(sizes))

private fun core(count: Int) = GroupSize(CORE, null, count)

private fun task(count: Int) = GroupSize(TASK, null, count)

private fun scaling(minimum: Int, maximum: Int, unit: String? = null) =
    ManagedScaling(unit, minimum, maximum, null, null, null, null, at(7))

private val SIZED =
    cluster(groups = listOf(group(), group(CORE, count = 2), group(TASK, count = 3)))

private fun withOperations(
    vararg operations: OperationSpec,
    cluster: ClusterSpec = SIZED,
    existing: List<ExistingCluster> = listOf(),
): PipelineSpec =
    pipeline(clusters = listOf(cluster), existing = existing).run {
        PipelineSpec(
            name,
            description,
            params,
            clusters,
            ImmutableList.builder<TaskSpec>().addAll(tasks).addAll(operations.toList()).build(),
            location,
            null,
            existingClusters,
        )
    }

private fun codes(what: ClusterOperation, cluster: ClusterSpec = SIZED): List<DiagnosticCode> =
    withOperations(operation(what), cluster = cluster).check().all().map { it.code() }

/** On a cluster that is there already, of which a script knows nothing. */
private fun codesOfExisting(what: ClusterOperation): List<DiagnosticCode> =
    withOperations(
            operation(what, "prod"),
            existing =
                listOf(
                    ExistingCluster(
                        "prod",
                        "j-1",
                        null,
                        com.google.common.collect.ImmutableSet.of(),
                        RetryPolicy.NONE,
                        at(3),
                    )
                ),
        )
        .check()
        .all()
        .map { it.code() }

private fun notebook(
    editor: String? = null,
    path: String? = null,
    file: String? = null,
    output: String? = null,
    role: String? = null,
) =
    NotebookExecution(
        editor,
        path,
        file,
        "EMR_Notebooks_DefaultRole",
        RawRequest.of(ObjectMapper().readTree("""{"day": "d", "top": [1, "e"]}""") as ObjectNode),
        ImmutableMap.of("STAGE", "prod"),
        output,
        role,
        null,
        null,
    )

class OperationSpecTest :
    FunSpec({
        test("every operation is read as it was written") {
            val all =
                listOf(
                    groups(core(10), task(0), GroupSize(null, "ig-1", 5)),
                    fleets(FleetSize(CORE, 4, null), FleetSize(TASK, 0, 8)),
                    ClusterOperation.StepConcurrency(10),
                    ClusterOperation.ScalingLimits(scaling(2, 20)),
                    ClusterOperation.ScalingLimits(null),
                    ClusterOperation.AutoTermination(Duration.ofHours(2)),
                    ClusterOperation.AutoTermination(null),
                    ClusterOperation.TerminationProtection(true),
                    ClusterOperation.AwaitCluster(AwaitedState.IDLE),
                    ClusterOperation.AwaitStep(StepChoice("s-1", null)),
                    ClusterOperation.CancelStep(StepChoice(null, "load"), true),
                    notebook(file = "s3://b/a.ipynb", output = "s3://b/out/"),
                )
            val spec =
                withOperations(
                    *all.mapIndexed { i, it ->
                            operation(it, name = "op$i", timeout = Duration.ofMinutes(30))
                        }
                        .toTypedArray()
                )
            SpecJson.read(SpecJson.write(spec)) shouldBe spec
        }

        test("members that a later version may add have their defaults when they are missing") {
            val text = SpecJson.write(withOperations(operation(groups(core(10)))))
            val short =
                text
                    .replace(""","fleets":[]""", "")
                    .replace(""","group":null""", "")
                    .replace(""""after":[],"retry":{"attempts":1""", """"retry":{"attempts":1""")
            (short.length < text.length - 30) shouldBe true
            SpecJson.read(short) shouldBe SpecJson.read(text)
        }

        test("of a notebook execution everything but its role may be missing") {
            val spec =
                withOperations(
                    operation(
                        NotebookExecution(
                            "e-1",
                            "a.ipynb",
                            null,
                            "role",
                            RawRequest.NONE,
                            ImmutableMap.of(),
                            null,
                            null,
                            null,
                            null,
                        )
                    )
                )
            val short =
                SpecJson.write(spec)
                    .replace(
                        ""","parameters":{},"environment":{},"output":null,"executionRole":null""",
                        "",
                    )
                    .replace(""","notebook":null""", "")
            (short.length < SpecJson.write(spec).length - 80) shouldBe true
            SpecJson.read(short) shouldBe spec
        }

        test("the texts of a notebook execution are filled in, those of its parameters too") {
            val filled = notebook("e-1", "a.ipynb", null, "s3://b/o").withTexts { "<$it>" }
            filled.filled() shouldContainExactly
                listOf("<a.ipynb>", "<s3://b/o>", "<d>", "<e>", "<prod>")
            filled.editorId() shouldBe "e-1"
            filled.parameters().toString() shouldBe """{"day":"<d>","top":[1,"<e>"]}"""
        }

        test("a notebook is that of a workspace, or has a location") {
            val choice = listOf(PipelineCode.NOTEBOOK_CHOICE)
            codesOfExisting(notebook()) shouldBe choice
            codesOfExisting(notebook("e-1")) shouldBe choice
            codesOfExisting(notebook(path = "a.ipynb")) shouldBe choice
            codesOfExisting(notebook("e-1", "a.ipynb", "s3://b/a.ipynb")) shouldBe choice
            codesOfExisting(notebook("e-1", "a.ipynb")).shouldBeEmpty()
            codesOfExisting(notebook(file = "s3://b/a.ipynb")).shouldBeEmpty()
            codesOfExisting(notebook(file = "file:///home/me/a.ipynb")).shouldBeEmpty()
        }

        test("malformed values of a notebook execution are refused") {
            val member = listOf(PipelineCode.NOTEBOOK_MEMBER)
            codesOfExisting(notebook("e 1", "a.ipynb")) shouldBe member
            codesOfExisting(notebook("e-1", " ")) shouldBe member
            codesOfExisting(notebook(file = "s3://b/")) shouldBe member
            codesOfExisting(notebook(file = "a.ipynb")) shouldBe member
            codesOfExisting(notebook("e-1", "a.ipynb", output = "out")) shouldBe member
            codesOfExisting(notebook("e-1", "a.ipynb", role = "Analysts")) shouldBe member
            codesOfExisting(
                    notebook("e-1", "a.ipynb", role = "arn:aws:iam::123456789012:role/Analysts")
                )
                .shouldBeEmpty()
        }

        test("a cluster of the run that lacks what executes notebooks gives a warning") {
            val what = notebook("e-1", "a.ipynb")
            codes(what) shouldBe listOf(PipelineCode.NOTEBOOK_APPLICATION)
            codes(what, cluster(applications = listOf("Spark", "Livy"))) shouldBe
                listOf(PipelineCode.NOTEBOOK_APPLICATION)
            codes(
                    what,
                    cluster(applications = listOf("Spark", "Livy", "JupyterEnterpriseGateway")),
                )
                .shouldBeEmpty()
        }

        test("sizes out of EMR's range are refused") {
            val range = listOf(PipelineCode.RESIZE_RANGE)
            codes(groups(core(0))) shouldContainExactly range
            codes(groups(core(2001))) shouldContainExactly range
            codes(groups(task(-1))) shouldContainExactly range
            codes(groups(task(0))).shouldBeEmpty()
            codes(groups(core(1), task(2000))).shouldBeEmpty()
            codesOfExisting(fleets(FleetSize(CORE, 0, 0))) shouldContainExactly range
            codesOfExisting(fleets(FleetSize(TASK, -1, null))) shouldContainExactly range
            codesOfExisting(fleets(FleetSize(TASK, 0, 0))).shouldBeEmpty()
        }

        test("a resize says something, once for each group, and of one kind of instances") {
            val empty = listOf(PipelineCode.RESIZE_EMPTY)
            codes(groups()) shouldContainExactly empty
            codesOfExisting(fleets(FleetSize(CORE, null, null))) shouldContainExactly empty
            codes(groups(GroupSize(null, " ", 3))) shouldContainExactly empty
            codes(groups(core(2), core(3))) shouldContainExactly listOf(PipelineCode.RESIZE_TWICE)
            codesOfExisting(
                ClusterOperation.Resize(
                    ImmutableList.of(core(2)),
                    ImmutableList.of(FleetSize(TASK, 1, 1)),
                )
            ) shouldContainExactly listOf(PipelineCode.RESIZE_MIXED)
        }

        test("the primary instances keep their number") {
            codesOfExisting(groups(GroupSize(PRIMARY, null, 3))) shouldContainExactly
                listOf(PipelineCode.RESIZE_PRIMARY)
        }

        test("what the run's own cluster does not have, or has twice, cannot be resized") {
            val small = cluster(groups = listOf(group()))
            codes(groups(task(3)), small) shouldContainExactly listOf(PipelineCode.RESIZE_OF_NONE)
            codes(fleets(FleetSize(CORE, 1, 1))) shouldContainExactly
                listOf(PipelineCode.RESIZE_OF_NONE)
            val two =
                cluster(
                    groups = listOf(group(), group(CORE), group(TASK), group(TASK, "m6g.2xlarge"))
                )
            codes(groups(task(3)), two) shouldContainExactly listOf(PipelineCode.RESIZE_OF_SEVERAL)
            codes(groups(GroupSize(null, "Task", 3)), two).shouldBeEmpty()
            codesOfExisting(groups(task(3))).shouldBeEmpty()
        }

        test("step concurrency is 1 to 256, from emr-5.28.0 on") {
            val range = listOf(PipelineCode.OPERATION_STEP_CONCURRENCY)
            codes(ClusterOperation.StepConcurrency(0)) shouldContainExactly range
            codes(ClusterOperation.StepConcurrency(257)) shouldContainExactly range
            codes(ClusterOperation.StepConcurrency(256)).shouldBeEmpty()
            val old = cluster(release = "emr-5.20.0")
            codes(ClusterOperation.StepConcurrency(2), old) shouldContainExactly
                listOf(ClusterCode.STEP_CONCURRENCY_RELEASE)
            codes(ClusterOperation.StepConcurrency(1), old).shouldBeEmpty()
        }

        test("the limits of managed scaling are checked as those of a cluster are") {
            codes(ClusterOperation.ScalingLimits(scaling(5, 2))) shouldContainExactly
                listOf(ClusterCode.MANAGED_SCALING_LIMITS)
            codes(ClusterOperation.ScalingLimits(scaling(1, 2, "InstanceFleetUnits"))) shouldBe
                listOf(ClusterCode.MANAGED_SCALING_UNIT)
            codesOfExisting(ClusterOperation.ScalingLimits(scaling(1, 2, "InstanceFleetUnits")))
                .shouldBeEmpty()
            codes(ClusterOperation.ScalingLimits(scaling(1, 2)), cluster(release = "emr-5.20.0"))
                .shouldContainExactly(ClusterCode.MANAGED_SCALING_RELEASE)
            codes(ClusterOperation.ScalingLimits(null)).shouldBeEmpty()
        }

        test("an idle timeout is in EMR's range, and the run's own cluster keeps one") {
            val range = listOf(PipelineCode.OPERATION_IDLE_TIMEOUT)
            codes(ClusterOperation.AutoTermination(Duration.ofSeconds(59))) shouldBe range
            codes(ClusterOperation.AutoTermination(Duration.ofDays(8))) shouldBe range
            codes(ClusterOperation.AutoTermination(Duration.ofDays(7))).shouldBeEmpty()
            codes(ClusterOperation.AutoTermination(null)) shouldBe
                listOf(PipelineCode.OPERATION_WITHOUT_IDLE_TIMEOUT)
            codesOfExisting(ClusterOperation.AutoTermination(null)).shouldBeEmpty()
            codes(
                ClusterOperation.AutoTermination(Duration.ofHours(1)),
                cluster(release = "emr-5.20.0"),
            ) shouldBe listOf(PipelineCode.OPERATION_IDLE_TIMEOUT_RELEASE)
        }

        test("the end of the run's own cluster is neither waited for nor made by an operation") {
            val ended = ClusterOperation.AwaitCluster(AwaitedState.ENDED)
            for (what in listOf(ended, ClusterOperation.EndCluster())) {
                codes(what) shouldContainExactly listOf(PipelineCode.OPERATION_ON_END_OF_OWN)
                codesOfExisting(what).shouldBeEmpty()
            }
            codes(ClusterOperation.AwaitCluster(AwaitedState.IDLE)).shouldBeEmpty()
        }

        test("a step is named by its id or by its name, and not by both") {
            fun of(id: String?, name: String?) =
                listOf(
                        ClusterOperation.AwaitStep(StepChoice(id, name)),
                        ClusterOperation.CancelStep(StepChoice(id, name), false),
                    )
                    .flatMap { codesOfExisting(it) }
                    .distinct()
            of("s-1A", null).shouldBeEmpty()
            of(null, "load").shouldBeEmpty()
            of(null, null) shouldContainExactly listOf(PipelineCode.STEP_CHOICE)
            of("s-1A", "load") shouldContainExactly listOf(PipelineCode.STEP_CHOICE)
            of(null, " ") shouldContainExactly listOf(PipelineCode.STEP_CHOICE)
            of("load", null) shouldContainExactly listOf(PipelineCode.STEP_ID)
        }

        test("a timeout of nothing, and a retry on what an operation never fails on, are refused") {
            val what = ClusterOperation.StepConcurrency(2)
            withOperations(operation(what, timeout = Duration.ZERO)).check().all().map {
                it.code()
            } shouldBe listOf(PipelineCode.TIMEOUT_TOO_SHORT)
            val retry = retry(3, on = setOf(FailureKind.BOOTSTRAP))
            withOperations(operation(what, retry = retry)).check().all().map { it.code() } shouldBe
                listOf(PipelineCode.RETRY_CONDITIONS)
        }

        test("an operation waits for its cluster, and the cluster's end for the operation") {
            val graph =
                TaskGraph.compile(withOperations(operation(ClusterOperation.StepConcurrency(2))))
            fun upstream(id: String) =
                graph.upstream(graph.indexOf(id)).map { graph.task(it.upstream()).id() }
            upstream("op") shouldContainExactly listOf("start:etl")
            upstream("end:etl") shouldContainExactly listOf("count", "op", "start:etl")
            graph.task(graph.indexOf("op")).kind().action() shouldBe "operate-cluster"
        }

        test("the end of a cluster knows that an operation protects it") {
            fun end(what: ClusterOperation): ClusterEnd {
                val graph = TaskGraph.compile(withOperations(operation(what)))
                return graph.task(graph.indexOf("end:etl")).kind() as ClusterEnd
            }
            end(ClusterOperation.TerminationProtection(true)).isProtected shouldBe true
            end(ClusterOperation.TerminationProtection(false)).isProtected shouldBe false
        }

        test("a plan says in words what an operation does") {
            groups(core(10), GroupSize(null, "Spot", 1)).summary() shouldBe
                "resizes core to 10 instances, Spot to 1 instance, and waits until they run"
            fleets(FleetSize(TASK, 2, 8)).summary() shouldContain
                "task fleet to 2 units on demand and 8 on Spot"
            ClusterOperation.ScalingLimits(scaling(2, 20)).summary() shouldBe
                "sets managed scaling to 2 to 20 instances or units"
            ClusterOperation.AutoTermination(Duration.ofHours(2)).summary() shouldBe
                "sets the idle timeout to 2 h"
        }
    })
