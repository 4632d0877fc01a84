package dev.emrys.spec

import com.google.common.collect.ImmutableSet
import dev.emrys.graph.TaskGraph
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain

private val WAITING = ImmutableSet.of(ExistingCluster.State.WAITING)

private fun existing(
    name: String = "prod",
    id: String? = null,
    clusterName: String? = null,
    states: Set<ExistingCluster.State> = setOf(),
) =
    ExistingCluster(
        name,
        id,
        clusterName,
        ImmutableSet.copyOf(states),
        RetryPolicy.NONE,
        at(3),
    )

private fun codes(vararg existing: ExistingCluster): List<DiagnosticCode> =
    pipeline(
            clusters = listOf(),
            steps = existing.mapIndexed { i, it -> step("s$i", it.name()) },
            existing = existing.toList(),
        )
        .check()
        .all()
        .map { it.code() }

class ExistingClusterTest :
    FunSpec({
        test("an existing cluster is read as it was written, by its id and by its name") {
            val spec =
                pipeline(
                    steps = listOf(step(), step("other", "prod"), step("third", "shared")),
                    existing =
                        listOf(
                            existing(id = "j-2AXXXXXXGAPLF"),
                            existing("shared", null, "Team's cluster", WAITING),
                        ),
                )
            spec.check().all().shouldBeEmpty()
            SpecJson.read(SpecJson.write(spec)) shouldBe spec
            spec.withBudget(null) shouldBe spec
            SpecJson.write(pipeline()) shouldNotContain "existingClusters"
        }

        test("an existing cluster has a task that finds it, and none that ends it") {
            val graph =
                TaskGraph.compile(
                    pipeline(
                        clusters = listOf(),
                        steps = listOf(step("a", "prod"), step("b", "prod", after = listOf("a"))),
                        existing = listOf(existing(id = "j-1")),
                    )
                )
            graph.tasks().map { "${it.id()} ${it.kind().action()}" } shouldContainExactly
                listOf("use:prod use-cluster", "a run-step", "b run-step")
            graph.scopes().getValue("prod").isReleased shouldBe false
            graph.upstream(graph.indexOf("b")).map { graph.task(it.upstream()).id() } shouldBe
                listOf("use:prod", "a")
        }

        test("an id beside a name or states is refused, and so is neither of them") {
            val both = listOf(ClusterCode.EXISTING_CLUSTER_TWO_WAYS)
            codes(existing(id = "j-1", clusterName = "x")) shouldContainExactly both
            codes(existing(id = "j-1", states = WAITING)) shouldContainExactly both
            codes(existing()) shouldContainExactly both
        }

        test("a malformed id, a blank name and an empty list of states are refused") {
            codes(existing(id = "prod-1")) shouldContainExactly
                listOf(ClusterCode.EXISTING_CLUSTER_ID)
            codes(existing(clusterName = " ", states = WAITING)) shouldContainExactly
                listOf(ClusterCode.EXISTING_CLUSTER_NAME)
            codes(existing(clusterName = "x")) shouldContainExactly
                listOf(ClusterCode.EXISTING_CLUSTER_STATES)
        }

        test("one cluster under two names is refused, by its id and by its name on EMR") {
            val twice = listOf(ClusterCode.EXISTING_CLUSTER_TWICE)
            codes(existing("a", id = "j-1"), existing("b", id = "j-1")) shouldContainExactly twice
            codes(
                existing("a", clusterName = "x", states = WAITING),
                existing("b", clusterName = "x", states = WAITING),
            ) shouldContainExactly twice
            codes(existing("a", id = "j-1"), existing("b", id = "j-2")).shouldBeEmpty()
        }

        test(
            "a name is unique among all clusters, and an existing cluster without a step is told"
        ) {
            pipeline(existing = listOf(existing("etl", id = "j-1"))).check().all().map {
                it.code()
            } shouldContainExactly listOf(PipelineCode.NAME_TWICE)
            pipeline(existing = listOf(existing(id = "j-1"))).check().all().map {
                it.code()
            } shouldContainExactly listOf(ClusterCode.EXISTING_CLUSTER_UNUSED)
        }
    })
