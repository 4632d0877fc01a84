package dev.emrys.emulator.wire

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.Fault
import dev.emrys.emulator.SdkJson
import dev.emrys.emulator.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

private class JobFlowsPeer(val harness: EmulatorHarness = EmulatorHarness()) : AutoCloseable {
    val server = WireServer(harness.emr, WIRE_TOKEN, 0)

    fun answer(body: String): RawPeer.Response =
        RawPeer(server.uri().port).use { it.send(post(body, "DescribeJobFlows")).answer()!! }

    fun jobFlows(body: String = "{}"): List<JsonNode> =
        SdkJson.parse(answer(body).body)["JobFlows"].toList()

    fun ids(body: String = "{}"): List<String> = jobFlows(body).map { it["JobFlowId"].textValue() }

    override fun close() = server.close()
}

class DescribeJobFlowsTest :
    FunSpec({
        test("a job flow is the cluster in the form of the older API") {
            JobFlowsPeer().use { peer ->
                val id =
                    peer.harness.ready(step("one"), step("two")) {
                        bootstrapActions({ action ->
                            action.name("b").scriptBootstrapAction { it.path("s3://b/x.sh") }
                        })
                    }
                peer.harness.processes.fail(peer.harness.processes.spawned.single())
                val flow = peer.jobFlows().single()
                flow["JobFlowId"].textValue() shouldBe id
                flow["Name"].textValue() shouldBe "nightly #run7"
                flow["LogUri"].textValue() shouldBe "s3://logs/"
                flow["JobFlowRole"].textValue() shouldBe "EMR_EC2_DefaultRole"
                val status = flow["ExecutionStatusDetail"]
                status["State"].textValue() shouldBe "RUNNING"
                status["CreationDateTime"].isNumber shouldBe true
                status["ReadyDateTime"].isNumber shouldBe true
                val instances = flow["Instances"]
                instances["InstanceCount"].intValue() shouldBe 3
                instances["MasterInstanceType"].textValue() shouldBe "m5.xlarge"
                instances["KeepJobFlowAliveWhenNoSteps"].booleanValue() shouldBe true
                instances["InstanceGroups"].map {
                    it["InstanceRole"].textValue()
                } shouldContainExactly listOf("MASTER", "CORE")
                instances["InstanceGroups"][1]["InstanceRunningCount"].intValue() shouldBe 2
                flow["Steps"].map { it["StepConfig"]["Name"].textValue() } shouldContainExactly
                    listOf("one", "two")
                flow["Steps"].map {
                    it["ExecutionStatusDetail"]["State"].textValue()
                } shouldContainExactly listOf("FAILED", "RUNNING")
                flow["Steps"][0]["StepConfig"]["HadoopJarStep"]["Args"].map {
                    it.textValue()
                } shouldContainExactly listOf("echo", "one")
                flow["BootstrapActions"][0]["BootstrapActionConfig"]["Name"].textValue() shouldBe
                    "b"
            }
        }

        test("the states are those of the older API, and select") {
            JobFlowsPeer().use { peer ->
                val (stopped, kept) = List(2) { peer.harness.ready() }
                peer.harness.emr.terminateJobFlows { it.jobFlowIds(stopped) }
                fun state() =
                    peer
                        .jobFlows("""{"JobFlowIds":["$stopped"]}""")
                        .single()["ExecutionStatusDetail"]["State"]
                        .textValue()
                state() shouldBe "SHUTTING_DOWN"
                peer.harness.clock.advance()
                state() shouldBe "TERMINATED"
                peer.ids("""{"JobFlowStates":["WAITING"]}""") shouldContainExactly listOf(kept)
                peer.ids("""{"CreatedAfter":4102444800}""").size shouldBe 0
                peer.ids("""{"CreatedBefore":4102444800}""").size shouldBe 2
            }
        }

        test("without parameters, clusters that ended are shown for two weeks") {
            JobFlowsPeer().use { peer ->
                val (stopped, kept) = List(2) { peer.harness.ready() }
                peer.harness.emr.terminateJobFlows { it.jobFlowIds(stopped) }
                peer.harness.clock.advance()
                peer.ids() shouldContainExactly listOf(kept, stopped)
                peer.harness.clock.advance(Duration.ofDays(15))
                peer.ids() shouldContainExactly listOf(kept)
                peer.ids("""{"JobFlowStates":["TERMINATED"]}""") shouldContainExactly
                    listOf(stopped)
                peer.harness.clock.advance(Duration.ofDays(50))
                peer.ids("""{"JobFlowStates":["TERMINATED"]}""").size shouldBe 0
            }
        }

        test(
            "requests that are not valid and planned faults are answered as for other operations"
        ) {
            JobFlowsPeer().use { peer ->
                peer.answer("""{"JobFlowIds":["j-NONE"]}""").body shouldContain
                    "Specified job flow ID not valid."
                peer.answer("""{"JobFlowIds":[1]}""").body shouldContain "SerializationException"
                peer.answer("""{"JobFlowStates":["ASLEEP"]}""").body shouldContain
                    "Member must satisfy enum value set"
                peer.answer("[]").body shouldContain "SerializationException"
                peer.harness.faults.plan("DescribeJobFlows", Fault.Throttle())
                peer.answer("{}").body shouldContain "ThrottlingException"
                peer.answer("{}").status shouldBe 200
            }
        }
    })
