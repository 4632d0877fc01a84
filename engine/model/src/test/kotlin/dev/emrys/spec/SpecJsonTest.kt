package dev.emrys.spec

import com.fasterxml.jackson.databind.ObjectMapper
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

/** A spec in which every member of every record says something. */
private fun everything(): PipelineSpec {
    val retry =
        RetryPolicy(
            3,
            Backoff(Duration.ofSeconds(30), 1.5, Duration.ofMinutes(10), 0.25),
            ImmutableSet.of(FailureKind.CLUSTER_LOST, FailureKind.BOOTSTRAP),
        )
    val export =
        Configuration("export", ImmutableMap.of("JAVA_HOME", "/usr/lib/jvm/17"), ImmutableList.of())
    val etl =
        ClusterSpec(
            "etl",
            "emr-7.8.0",
            ImmutableList.of("Spark", "Hive"),
            ImmutableList.of(
                InstanceGroup(
                    InstanceRole.PRIMARY,
                    "m6g.xlarge",
                    1,
                    null,
                    SourceLocation("daily.emr.kts", 4, 9),
                ),
                InstanceGroup(
                    InstanceRole.CORE,
                    "m6g.2xlarge",
                    2,
                    SpotMarket(null),
                    SourceLocation.at("daily.emr.kts", 5),
                ),
                InstanceGroup(
                    InstanceRole.TASK,
                    "m6g.4xlarge",
                    8,
                    SpotMarket("0.12"),
                    SourceLocation.UNKNOWN,
                ),
            ),
            ImmutableList.of(
                Configuration(
                    "spark-defaults",
                    ImmutableMap.of("b", "1", "a", "2"),
                    ImmutableList.of(export),
                )
            ),
            ImmutableMap.of("Owner", "data-eng", "Cost", "räw \"7\""),
            "s3://logs/emr/",
            16,
            Duration.ofMinutes(90),
            "EMR_DefaultRole",
            "EMR_EC2_DefaultRole",
            "subnet-1",
            "key-1",
            ImmutableList.of(
                BootstrapAction("tools", "s3://bucket/tools.sh", ImmutableList.of("-v", "2"))
            ),
            retry,
            SourceLocation.at("daily.emr.kts", 3),
        )
    val first =
        StepSpec(
            "curate",
            "etl",
            StepKind.SPARK,
            HadoopJarStep(
                "command-runner.jar",
                null,
                ImmutableList.of("spark-submit", "--conf", "a=\${secret:token}"),
                ImmutableMap.of(),
            ),
            ImmutableList.of(),
            retry,
            Duration.ofHours(2),
            SourceLocation.at("daily.emr.kts", 12),
        )
    val second =
        StepSpec(
            "publish",
            "etl",
            StepKind.RAW,
            HadoopJarStep(
                "s3://bucket/p.jar",
                "org.x.Main",
                ImmutableList.of("\n"),
                ImmutableMap.of("p", "q"),
            ),
            ImmutableList.of("curate"),
            RetryPolicy.NONE,
            null,
            SourceLocation.at("daily.emr.kts", 20),
        )
    return PipelineSpec(
        "daily",
        "Raw to curated",
        ImmutableMap.of("day", "2026-04-25", "also", ""),
        ImmutableList.of(etl),
        ImmutableList.of(first, second),
        SourceLocation.at("daily.emr.kts", 1),
    )
}

private fun history(name: String): String =
    checkNotNull(SpecJsonTest::class.java.getResource("/history/$name")) {
            "history/$name is missing"
        }
        .readText()

class SpecJsonTest :
    FunSpec({
        test("what is written is read again as the same value") {
            everything().check().all() shouldBe listOf()
            SpecJson.read(SpecJson.write(everything())) shouldBe everything()
            SpecJson.read(SpecJson.write(pipeline())) shouldBe pipeline()
        }

        test("the text is the same however often it is read and written") {
            val once = SpecJson.write(everything())
            SpecJson.write(SpecJson.read(once)) shouldBe once
        }

        test("a spec that version 1 wrote is read for ever") {
            SpecJson.read(history("spec-v1.json")) shouldBe everything()
        }

        test("version 1 is still written as it was: another shape is another version") {
            val mapper = ObjectMapper()
            mapper.readTree(SpecJson.write(everything())) shouldBe
                mapper.readTree(history("spec-v1.json"))
        }

        test("a later version is refused by its number") {
            val later = SpecJson.write(pipeline()).replace("\"emrysSpec\":1", "\"emrysSpec\":2")
            shouldThrow<IllegalArgumentException> { SpecJson.read(later) }.message shouldBe
                "The spec has version 2; this Emrys reads version 1."
        }

        listOf("", "[]", "{}", "null", "7", "{\"pipeline\":{}}").forEach { text ->
            test("the text <$text> has no version and is refused") {
                shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldBe
                    "The text is not the JSON form of a spec: it has no \"emrysSpec\"."
            }
        }

        listOf(
                "pipeline",
                "{\"emrysSpec\":1",
                "{\"emrysSpec\":1}",
                "{\"emrysSpec\":1,\"pipeline\":null}",
                "{\"emrysSpec\":1,\"pipeline\":[]}",
            )
            .forEach { text ->
                test("the text <$text> is refused as no spec") {
                    shouldThrow<IllegalArgumentException> { SpecJson.read(text) }
                        .message shouldContain "The text is not the JSON form of a spec"
                }
            }

        test("a member that version 1 does not have is refused, not dropped") {
            val text =
                SpecJson.write(pipeline()).replace("\"params\":", "\"colour\":\"red\",\"params\":")
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldContain
                "colour"
        }

        test("a member that is missing is refused by name") {
            val text = SpecJson.write(pipeline()).replace("\"stepConcurrency\":1,", "")
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldContain
                "stepConcurrency"
        }
    })
