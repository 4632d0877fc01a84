package dev.emrys.emulator

import com.google.common.collect.ImmutableList
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import software.amazon.awssdk.services.emr.model.Configuration
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.StepConfig
import software.amazon.awssdk.services.emr.model.StepState

private const val SECRET = "hunter2"

private fun confidential(name: String): StepConfig =
    StepConfig.builder()
        .name(name)
        .actionOnFailure("CONTINUE")
        .hadoopJarStep {
            it.jar("s3://$SECRET.jar").mainClass(SECRET).args("run", SECRET)
            it.properties({ property -> property.key("password").value(SECRET) })
        }
        .build()

private val CONFIDENTIAL_CLUSTER: RunJobFlowRequest.Builder.() -> Unit = {
    val export = Configuration.builder().classification("export").properties(mapOf("PW" to SECRET))
    configurations(
        Configuration.builder().classification("spark-env").configurations(export.build()).build()
    )
    bootstrapActions({
        it.name("b").scriptBootstrapAction { script -> script.path("s3://b").args(SECRET) }
    })
}

class ConfidentialValuesTest :
    FunSpec({
        /** A store that counts its purges. */
        class PurgedStore(val inner: InMemoryStore = InMemoryStore()) : EmulatorStore by inner {
            var purges = 0

            override fun purge() {
                purges++
            }

            fun confidential() = load().filter { SECRET in it.json }.map { it.kind }.sorted()
        }

        fun restart(dead: EmulatorHarness, store: EmulatorStore) =
            EmulatorHarness(
                    store,
                    dead.settings,
                    ManualClock(dead.clock.instant()),
                    dead.processes,
                    8,
                )
                .also { it.emr.recover() }

        test(
            "what a step was given is stored until it has ended, and what a cluster was given too"
        ) {
            val store = PurgedStore()
            val harness = EmulatorHarness(store)
            val id =
                harness.ready(
                    confidential("one"),
                    confidential("two"),
                    configure = CONFIDENTIAL_CLUSTER,
                )
            store.confidential() shouldContainExactly
                listOf("cluster", "cluster-request", "step", "step")
            val (first, second) = harness.emr.listSteps { it.clusterId(id) }.steps().reversed()
            harness.processes.complete(first.id())
            store.confidential() shouldContainExactly listOf("cluster", "cluster-request", "step")
            // As EMR, as long as this process lives.
            harness.emr.step(id, first.id()).config().args() shouldContainExactly
                listOf("run", SECRET)
            harness.processes.fail(second.id())
            store.confidential() shouldContainExactly listOf("cluster", "cluster-request")
            val purges = store.purges
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            store.confidential().shouldBeEmpty()
            store.purges shouldBe purges + 1
            harness.emr.close()
            val again = restart(harness, store)
            val step = again.emr.step(id, first.id())
            step.name() shouldBe "one"
            step.status().state() shouldBe StepState.COMPLETED
            step.config().args() shouldContainExactly listOf("****", "****")
            step.config().properties() shouldBe mapOf("password" to "****")
            again.emr.cluster(id).configurations()[0].configurations()[0].properties() shouldBe
                mapOf("PW" to "****")
            again.emr
                .listBootstrapActions { it.clusterId(id) }
                .bootstrapActions()
                .single()
                .args() shouldContainExactly listOf("****")
            store.purges shouldBeGreaterThan purges + 1
        }

        test(
            "a step that waits or runs has all it was given after a crash at any time before its end"
        ) {
            val store = PurgedStore()
            val first = EmulatorHarness(store)
            val id = first.ready(confidential("one"), confidential("two"))
            val second = restart(first, store)
            second.processes.complete(second.processes.spawned.single())
            second.processes.launches.values.last().args() shouldContainExactly
                listOf("run", SECRET)
            second.emr.steps(id) shouldContainExactly listOf(StepState.COMPLETED, StepState.RUNNING)
        }

        test(
            "what an earlier version stored of ended clusters and steps is hidden at the next start"
        ) {
            val store = PurgedStore()
            val harness = EmulatorHarness(store)
            val id = harness.ready(confidential("one"), configure = CONFIDENTIAL_CLUSTER)
            harness.processes.complete(harness.processes.spawned.single())
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            harness.emr.close()
            for (document in store.load()) {
                val kind = if (document.kind == "cluster-request") "blueprint" else document.kind
                store.delete(document.kind, ImmutableList.of(document.id))
                val json = document.json.replace("\"****\"", "\"$SECRET\"")
                store.save(ImmutableList.of(StoredDocument(kind, document.id, json)))
            }
            store.confidential() shouldContainExactly listOf("blueprint", "cluster", "step")
            val again = restart(harness, store)
            store.confidential().shouldBeEmpty()
            again.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups().size shouldBe 2
        }

        test("a store that cannot be purged does not disturb the emulator") {
            val harness =
                EmulatorHarness(
                    object : EmulatorStore by InMemoryStore() {
                        override fun purge() = error("disk full")
                    }
                )
            val id = harness.ready(confidential("one"))
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            harness.clock.advance()
            harness.processes.endedClusters shouldContainExactly listOf(id)
            restart(harness, InMemoryStore())
        }
    })
