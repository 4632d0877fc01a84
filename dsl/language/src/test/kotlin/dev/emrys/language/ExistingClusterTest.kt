package dev.emrys.language

import dev.emrys.spec.ExistingCluster.State
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class ExistingClusterTest :
    FunSpec({
        test("an existing cluster is named by its id, and takes steps as any other") {
            val spec = specOf {
                pipeline("p") {
                    val prod = existingCluster("prod") { id = "j-2AXXXXXXGAPLF" }
                    prod.sequence {
                        step("a") { bash("date") }
                        step("b") { bash("date") }
                    }
                }
            }
            val cluster = spec.existingClusters().single()
            cluster.id() shouldBe "j-2AXXXXXXGAPLF"
            cluster.clusterName() shouldBe null
            cluster.states().shouldContainExactly()
            spec.clusters().shouldContainExactly()
            spec.steps().map { it.cluster() to it.after().toList() } shouldContainExactly
                listOf("prod" to listOf(), "prod" to listOf("a"))
        }

        test("without an id it is found by its name among what runs or waits") {
            val spec = specOf {
                pipeline("p") {
                    existingCluster("shared").step("a") { bash("date") }
                    existingCluster("other") {
                            clusterName = "Team's cluster"
                            states(ClusterState.Starting)
                            states(ClusterState.Waiting)
                            retry(4)
                        }
                        .step("b") { bash("date") }
                }
            }
            val (shared, other) = spec.existingClusters()
            shared.clusterName() shouldBe "shared"
            shared.states() shouldContainExactly setOf(State.RUNNING, State.WAITING)
            other.clusterName() shouldBe "Team's cluster"
            other.states() shouldContainExactly setOf(State.STARTING, State.WAITING)
            other.retry().attempts() shouldBe 4
        }
    })
