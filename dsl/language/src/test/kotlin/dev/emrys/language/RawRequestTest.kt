package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.LocalDate

private fun raw(block: ClusterScope.() -> Unit): String = clusterOf(block).rawRequest().toString()

class RawRequestTest :
    FunSpec({
        test("a cluster without a raw request has an empty one") {
            clusterOf {}.rawRequest().isEmpty shouldBe true
        }

        test("values become EMR's JSON") {
            raw {
                rawRequest(
                    "VisibleToAllUsers" to false,
                    "EbsRootVolumeSize" to 20,
                    "Ratio" to 0.5,
                    "AutoScalingRole" to null,
                    "Instances" to
                        mapOf(
                            "Ec2SubnetIds" to listOf("subnet-1", "subnet-2"),
                            "Other" to arrayOf(1L),
                        ),
                    "When" to LocalDate.of(2026, 4, 25),
                )
            } shouldBe
                """{"VisibleToAllUsers":false,"EbsRootVolumeSize":20,"Ratio":0.5,"AutoScalingRole":null,""" +
                    """"Instances":{"Ec2SubnetIds":["subnet-1","subnet-2"],"Other":[1]},"When":"2026-04-25"}"""
        }

        test("a JSON text is one too, and a later member replaces an earlier one") {
            raw {
                rawRequest("OSReleaseLabel" to "1", "EbsRootVolumeSize" to 20)
                rawRequest("""{"OSReleaseLabel": "2.0.20241031.0"}""")
            } shouldBe """{"OSReleaseLabel":"2.0.20241031.0","EbsRootVolumeSize":20}"""
        }

        test("a secret in it is filled in when the request is sent") {
            val spec = specOf {
                pipeline("p") {
                    cluster("c") {
                            instances { primary("m6g.xlarge") }
                            rawRequest(
                                "KerberosAttributes" to
                                    mapOf(
                                        "KdcAdminPassword" to secret("kdc"),
                                        "Realm" to s3("s3://bkt/r"),
                                    )
                            )
                        }
                        .step("s") { bash("date") }
                }
            }
            spec.secrets() shouldContainExactly setOf("kdc")
            spec.clusters().single().rawRequest().toString() shouldBe
                """{"KerberosAttributes":{"KdcAdminPassword":"${'$'}{secret:kdc}","Realm":"s3://bkt/r"}}"""
        }

        test("what has no JSON form is an error with its path") {
            toldOf {
                cluster("c") {
                    rawRequest("A" to mapOf("B" to listOf(1, Any())), "N" to Double.NaN)
                    rawRequest("M" to mapOf(1 to 2))
                }
            }
                .map { it.substringBefore(" |") } shouldContainExactly
                listOf(
                    "The raw request has a Object at A.B[1], which has no JSON form.",
                    "The raw request has a NaN at N, which has no JSON form.",
                    "The raw request has a Integer as a key at M.1, which has no JSON form.",
                )
        }

        for ((json, why) in
            listOf(
                "[1]" to "it is of type ARRAY",
                "" to "it is empty",
                "{\"A\": 1, \"A\": 2}" to "Duplicate field 'A'",
            )) {
            test("the text <$json> is not a raw request") {
                toldOf { cluster("c") { rawRequest(json) } }
                    .single()
                    .substringBefore(". |") shouldBe
                    "The text of rawRequest is not a JSON object: $why"
            }
        }
    })
