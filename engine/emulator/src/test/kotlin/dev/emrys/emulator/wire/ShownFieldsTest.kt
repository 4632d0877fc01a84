package dev.emrys.emulator.wire

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.SdkJson
import dev.emrys.emulator.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.PlacementType

private fun EmulatorHarness.json(operation: String, body: String): JsonNode =
    SdkJson.parse(OperationDispatcher(emr).respond(operation, body).json())

private fun EmulatorHarness.of(operation: String, cluster: String): JsonNode =
    json(operation, """{"ClusterId":"$cluster"}""")

class ShownFieldsTest :
    FunSpec({
        test("lists and maps without elements are shown") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("one"))
            val cluster = harness.of("DescribeCluster", id)["Cluster"]
            for (member in listOf("Tags", "Applications", "Configurations", "PlacementGroups")) {
                member to cluster.path(member).isArray shouldBe (member to true)
            }
            val ec2 = cluster["Ec2InstanceAttributes"]
            for (member in listOf("RequestedEc2SubnetIds", "RequestedEc2AvailabilityZones")) {
                member to ec2.path(member).isArray shouldBe (member to true)
            }
            harness.of("ListBootstrapActions", id)["BootstrapActions"].isArray shouldBe true
            val group = harness.of("ListInstanceGroups", id)["InstanceGroups"][0]
            val members =
                listOf("Configurations", "EbsBlockDevices", "LastSuccessfullyAppliedConfigurations")
            for (member in members) member to group.path(member).isArray shouldBe (member to true)
            harness.of("ListInstances", id)["Instances"][0]["EbsVolumes"].isArray shouldBe true
            val config = harness.of("ListSteps", id)["Steps"][0]["Config"]
            config["Properties"].isObject shouldBe true
            val flows = harness.json("DescribeJobFlows", "{}")["JobFlows"][0]
            flows["SupportedProducts"].isArray shouldBe true
            flows["BootstrapActions"].isArray shouldBe true
            val actions = harness.run {
                bootstrapActions({ one ->
                    one.name("b").scriptBootstrapAction { it.path("s3://b/x.sh") }
                })
            }
            harness
                .of("ListBootstrapActions", actions)["BootstrapActions"][0]["Args"]
                .isArray shouldBe true
        }

        test(
            "a cluster is in the requested zone, the first of several ones, or the region's first"
        ) {
            val frankfurt =
                EmulatorSettings(
                    "eu-central-1",
                    "000000000000",
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    500,
                    Duration.ofDays(60),
                    false,
                )
            val harness = EmulatorHarness(settings = frankfurt)
            fun zones(placement: PlacementType?): List<String> {
                val id = harness.run {
                    instances {
                        it.placement(placement).instanceCount(1).masterInstanceType("m5.xlarge")
                    }
                }
                val flow = harness.json("DescribeJobFlows", """{"JobFlowIds":["$id"]}""")
                val ec2 = harness.of("DescribeCluster", id)["Cluster"]["Ec2InstanceAttributes"]
                return listOf(
                    ec2["Ec2AvailabilityZone"].textValue(),
                    flow["JobFlows"][0]["Instances"]["Placement"]["AvailabilityZone"].textValue(),
                ) + ec2["RequestedEc2AvailabilityZones"].map { it.textValue() }
            }
            fun placement(one: String?, vararg several: String) =
                PlacementType.builder()
                    .availabilityZone(one)
                    .apply { if (several.isNotEmpty()) availabilityZones(*several) }
                    .build()
            zones(null) shouldContainExactly listOf("eu-central-1a", "eu-central-1a")
            zones(placement("eu-central-1b")) shouldContainExactly
                listOf("eu-central-1b", "eu-central-1b")
            zones(placement(null, "eu-central-1c", "eu-central-1a")) shouldContainExactly
                listOf("eu-central-1c", "eu-central-1c", "eu-central-1c", "eu-central-1a")
        }

        test("a type of a fleet has the weight 1 and the full price unless it says otherwise") {
            val harness = EmulatorHarness()
            val id = harness.run {
                instances {
                    it.instanceFleets(
                        { fleet ->
                            fleet.instanceFleetType("MASTER").targetOnDemandCapacity(1)
                            fleet.instanceTypeConfigs({ type -> type.instanceType("m5.xlarge") })
                        },
                        { fleet ->
                            fleet.instanceFleetType("CORE").targetSpotCapacity(8)
                            fleet.instanceTypeConfigs({ type ->
                                type.instanceType("m5.xlarge").weightedCapacity(4).bidPrice("0.1")
                            })
                        },
                    )
                }
            }
            val types =
                harness.of("ListInstanceFleets", id)["InstanceFleets"].map {
                    it["InstanceTypeSpecifications"][0]
                }
            types.map { it["WeightedCapacity"].intValue() } shouldContainExactly listOf(1, 4)
            types[0]["BidPriceAsPercentageOfOnDemandPrice"].doubleValue() shouldBe 100.0
            types[1].has("BidPriceAsPercentageOfOnDemandPrice") shouldBe false
            harness.of("ListInstances", id)["Instances"].size() shouldBe 3
        }
    })
