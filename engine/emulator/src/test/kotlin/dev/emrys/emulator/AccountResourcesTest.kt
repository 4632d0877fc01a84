package dev.emrys.emulator

import com.google.common.collect.ImmutableList
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InvalidRequestException

private fun invalid(call: () -> Unit): String =
    shouldThrow<InvalidRequestException> { call() }.text()

private fun EmrClient.secure(name: String, json: String = "{}") = createSecurityConfiguration {
    it.name(name).securityConfiguration(json)
}

private fun EmrClient.studio(name: String): String = createStudio {
    it.name(name)
        .authMode("SSO")
        .vpcId("vpc-1")
        .subnetIds("subnet-1")
        .serviceRole("service")
        .userRole("user")
        .workspaceSecurityGroupId("sg-1")
        .engineSecurityGroupId("sg-2")
        .defaultS3Location("s3://b/studio/")
        .tags({ it.key("team").value("data") })
}
    .studioId()

/** The same account in an emulator that was started again. */
private fun EmulatorHarness.restarted(): EmulatorHarness {
    emr.close()
    return EmulatorHarness(store, settings, ManualClock(clock.instant()), processes, seed = 8)
        .also {
            it.emr.recover()
        }
}

class AccountResourcesTest :
    FunSpec({
        test("a security configuration is shown as it was created, also after a restart") {
            val harness = EmulatorHarness()
            val created = harness.emr.secure("strict", """{"EncryptionConfiguration":{}}""")
            created.name() shouldBe "strict"
            created.creationDateTime() shouldBe harness.clock.instant()
            val later = harness.restarted().emr.describeSecurityConfiguration { it.name("strict") }
            later.securityConfiguration() shouldBe """{"EncryptionConfiguration":{}}"""
            later.creationDateTime() shouldBe created.creationDateTime()
        }

        test("security configurations are listed in pages, newest first") {
            val emr = EmulatorHarness().emr
            repeat(51) { emr.secure("s$it") }
            val first = emr.listSecurityConfigurations {}
            first.securityConfigurations().size shouldBe 50
            first.securityConfigurations().first().name() shouldBe "s50"
            val second = emr.listSecurityConfigurations { it.marker(first.marker()) }
            second.securityConfigurations().map { it.name() } shouldContainExactly listOf("s0")
            second.marker() shouldBe null
        }

        test("a marker belongs to its operation and cluster") {
            val harness = EmulatorHarness()
            repeat(51) { harness.emr.secure("s$it") }
            val foreign = harness.emr.listSecurityConfigurations {}.marker()
            invalid { harness.emr.listClusters { it.marker(foreign) } } shouldBe
                "Marker '$foreign' is not valid."
            val (first, second) = List(2) { harness.ready(*Array(51) { step("s$it") }) }
            val marker = harness.emr.listSteps { it.clusterId(first) }.marker()
            harness.emr.listSteps { it.clusterId(first).marker(marker) }.steps().size shouldBe 1
            invalid { harness.emr.listSteps { it.clusterId(second).marker(marker) } } shouldBe
                "Marker '$marker' is not valid."
        }

        test("a security configuration must be a JSON object and have a new name") {
            val harness = EmulatorHarness()
            harness.emr.secure("strict")
            invalid { harness.emr.secure("strict") } shouldBe
                "SecurityConfiguration with name 'strict' already exists."
            for (text in listOf("{", "[]", "")) {
                invalid { harness.emr.secure("other", text) } shouldBe
                    "The security configuration is not a JSON object."
            }
            harness.emr.listSecurityConfigurations {}.securityConfigurations().size shouldBe 1
        }

        test("a deleted security configuration stays deleted when the store cannot delete") {
            val inner = InMemoryStore()
            val store =
                object : EmulatorStore by inner {
                    override fun delete(kind: String, ids: ImmutableList<String>) =
                        throw IllegalStateException("the disk is full")
                }
            val harness = EmulatorHarness(store)
            harness.emr.secure("strict")
            harness.emr.deleteSecurityConfiguration { it.name("strict") }
            val text = "Security configuration with name 'strict' does not exist."
            invalid { harness.emr.deleteSecurityConfiguration { it.name("strict") } } shouldBe text
            harness.emr.close()
            inner.load().size shouldBe 1
            val second = EmulatorHarness(inner)
            second.emr.recover()
            invalid { second.emr.describeSecurityConfiguration { it.name("strict") } } shouldBe text
            inner.load().size shouldBe 0
        }

        test("a change that cannot be stored is rolled back") {
            val harness = EmulatorHarness(CrashingStore(InMemoryStore(), 1, false))
            shouldThrow<CrashingStore.Crashed> { harness.emr.secure("strict") }
            harness.emr.listSecurityConfigurations {}.securityConfigurations().size shouldBe 0
        }

        test("a cluster needs a security configuration that exists") {
            val harness = EmulatorHarness()
            val refused =
                shouldThrow<EmrException> { harness.run { securityConfiguration("strict") } }
            refused.code() shouldBe "ValidationException"
            refused.text() shouldBe "Security configuration with name 'strict' does not exist."
            harness.emr.secure("strict")
            val id = harness.run { securityConfiguration("strict") }
            harness.emr.cluster(id).securityConfiguration() shouldBe "strict"
        }

        test("block public access permits port 22 until it is changed, also after a restart") {
            val harness = EmulatorHarness()
            val default = harness.emr.getBlockPublicAccessConfiguration {}
            default.blockPublicAccessConfiguration().blockPublicSecurityGroupRules() shouldBe true
            default.blockPublicAccessConfiguration().permittedPublicSecurityGroupRuleRanges().map {
                it.minRange() to it.maxRange()
            } shouldContainExactly listOf(22 to 22)
            harness.clock.advance(Duration.ofHours(1))
            harness.emr.putBlockPublicAccessConfiguration { put ->
                put.blockPublicAccessConfiguration { it.blockPublicSecurityGroupRules(false) }
            }
            val changed = harness.restarted().emr.getBlockPublicAccessConfiguration {}
            changed.blockPublicAccessConfiguration().blockPublicSecurityGroupRules() shouldBe false
            val metadata = changed.blockPublicAccessConfigurationMetadata()
            metadata.creationDateTime() shouldBe harness.clock.instant()
            metadata.createdByArn() shouldBe "arn:aws:iam::000000000000:root"
        }

        test("a port range of block public access must not end before it begins") {
            val emr = EmulatorHarness().emr
            invalid {
                emr.putBlockPublicAccessConfiguration { put ->
                    put.blockPublicAccessConfiguration { configuration ->
                        configuration
                            .blockPublicSecurityGroupRules(true)
                            .permittedPublicSecurityGroupRuleRanges({
                                it.minRange(30).maxRange(20)
                            })
                    }
                }
            } shouldContain "MinRange is greater than MaxRange"
        }

        test("a studio is created, changed and deleted, and survives a restart") {
            val harness = EmulatorHarness()
            val id = harness.emr.studio("lab")
            id.length shouldBe 28
            harness.emr.updateStudio { it.studioId(id).name("laboratory").subnetIds("subnet-2") }
            val second = harness.restarted()
            val studio = second.emr.describeStudio { it.studioId(id) }.studio()
            studio.name() shouldBe "laboratory"
            studio.subnetIds() shouldContainExactly listOf("subnet-2")
            studio.vpcId() shouldBe "vpc-1"
            studio.tags().single().key() shouldBe "team"
            studio.studioArn() shouldBe "arn:aws:elasticmapreduce:us-east-1:000000000000:studio/$id"
            studio.url() shouldBe "https://$id.emrstudio-prod.us-east-1.amazonaws.com"
            second.emr.listStudios {}.studios().single().studioId() shouldBe id
            second.emr.deleteStudio { it.studioId(id) }
            invalid { second.emr.describeStudio { it.studioId(id) } } shouldBe
                "Studio does not exist."
            second.restarted().emr.listStudios {}.studios().size shouldBe 0
        }

        test("a session mapping belongs to its studio and to one identity") {
            val harness = EmulatorHarness()
            val id = harness.emr.studio("lab")
            harness.emr.createStudioSessionMapping {
                it.studioId(id).identityType("USER").identityName("ann").sessionPolicyArn("first")
            }
            harness.emr.updateStudioSessionMapping {
                it.studioId(id).identityType("USER").identityName("ann").sessionPolicyArn("second")
            }
            val emr = harness.restarted().emr
            emr.getStudioSessionMapping {
                    it.studioId(id).identityType("USER").identityName("ann")
                }
                .sessionMapping()
                .sessionPolicyArn() shouldBe "second"
            emr.listStudioSessionMappings { it.identityType("GROUP") }
                .sessionMappings()
                .size shouldBe 0
            emr.listStudioSessionMappings { it.studioId(id) }.sessionMappings().size shouldBe 1
            invalid {
                emr.getStudioSessionMapping {
                    it.studioId(id).identityType("GROUP").identityName("ann")
                }
            } shouldBe "Studio session mapping does not exist."
            invalid {
                emr.getStudioSessionMapping { it.studioId(id).identityType("USER") }
            } shouldBe "Exactly one of IdentityId and IdentityName must be specified."
            emr.deleteStudio { it.studioId(id) }
            emr.listStudioSessionMappings {}.sessionMappings().size shouldBe 0
        }
    })
