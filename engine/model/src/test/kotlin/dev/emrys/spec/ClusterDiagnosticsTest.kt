package dev.emrys.spec

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun of(cluster: ClusterSpec): List<Message> =
    pipeline(clusters = listOf(cluster)).check().messages()

private fun of(vararg groups: InstanceGroup): List<Message> = of(cluster(groups = groups.toList()))

class ClusterDiagnosticsTest :
    FunSpec({
        listOf("7.8.0", "emr-7.8", "EMR-7.8.0", "emr-seven", "").forEach { bad ->
            test("the release label \"${bad.replace('.', ',')}\" is not one of EMR's") {
                of(cluster(release = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(2),
                            "The cluster \"etl\" has the release label \"$bad\".",
                            "Write one of EMR's, such as Release(\"emr-7.8.0\").",
                        )
                    )
            }
        }

        test("an unknown release label is allowed when it has the form of one") {
            listOf("emr-99.0.1", "emr-spark-8.0.0", "emr-7.8.0-beta", "emr-7.8.0.1").forEach {
                of(cluster(release = it)).shouldBeEmpty()
            }
        }

        test("placeholders are allowed where they are filled in") {
            val run = "\${run:name}/\${run:id}/\${run:attempt}"
            val all = "$run/\${secret:db}"
            val fine =
                cluster(
                    logs = "s3://logs/$run/",
                    tags = mapOf("Run" to run),
                    configurations =
                        listOf(
                            Configuration(
                                "hive-site",
                                ImmutableMap.of("password", all),
                                ImmutableList.of(
                                    Configuration(
                                        "export",
                                        ImmutableMap.of("A", "\${secret:nested}"),
                                        ImmutableList.of(),
                                    )
                                ),
                            )
                        ),
                    bootstrap =
                        listOf(
                            BootstrapAction("b", "s3://b/b.sh", ImmutableList.of("\${secret:boot}"))
                        ),
                )
            of(fine).shouldBeEmpty()
            val work =
                HadoopJarStep(
                    "s3://b/\${secret:jar}.jar",
                    "\${secret:main}",
                    ImmutableList.of("\${secret:arg}"),
                    ImmutableMap.of("p", "\${secret:property}"),
                )
            pipeline(clusters = listOf(fine), steps = listOf(step(jar = work))).secrets() shouldBe
                setOf("db", "nested", "boot", "jar", "main", "arg", "property")
        }

        test(
            "a secret in a tag or a log location, and a placeholder that is not filled in, are errors"
        ) {
            of(
                    cluster(
                        logs = "s3://logs/\${secret:a}/",
                        tags = mapOf("Key" to "\${secret:b}", "\${run:id}" to "x"),
                        subnet = "\${secret:net}",
                    )
                )
                .map { it.what } shouldContainExactly
                listOf(
                    "The cluster \"etl\" has the secret \"a\" in a tag or in its log location.",
                    "The cluster \"etl\" has the secret \"b\" in a tag or in its log location.",
                    "The cluster \"etl\" has the placeholder \${secret:net} in a member where placeholders are not filled in.",
                    "The cluster \"etl\" has the placeholder \${run:id} in a member where placeholders are not filled in.",
                )
        }

        test("concurrent steps need a release label that supports them") {
            of(cluster(release = "emr-5.27.1", stepConcurrency = 2)).map {
                it.what
            } shouldContainExactly
                listOf(
                    "The cluster \"etl\" has stepConcurrency = 2 and the release label emr-5.27.1."
                )
            of(cluster(release = "emr-5.27.1")).shouldBeEmpty()
            of(cluster(release = "emr-5.28.0", stepConcurrency = 2)).shouldBeEmpty()
        }

        test("the idle timeout is supported from 5.30 on, except 6.0") {
            listOf("emr-4.9.6", "emr-5.29.0", "emr-6.0.1").forEach {
                cluster(release = it).supportsIdleTimeout() shouldBe false
            }
            listOf("emr-5.30.0", "emr-6.1.0", "emr-7.8.0", "emr-spark-8.0.0", "emr-99.0.0")
                .forEach {
                    cluster(release = it).supportsIdleTimeout() shouldBe true
                }
        }

        listOf(0, 257, -1).forEach { bad ->
            test("a step concurrency of $bad is not EMR's") {
                of(cluster(stepConcurrency = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(2),
                            "The cluster \"etl\" has stepConcurrency = $bad.",
                            "EMR takes 1 to 256.",
                        )
                    )
            }
        }

        test("Presto and Trino are not installed on one cluster") {
            of(cluster(applications = listOf("Spark", "Presto", "Trino"))) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has both Presto and Trino.",
                        "EMR installs only one of them on a cluster. Remove one of the two.",
                    )
                )
            of(cluster(applications = listOf("Spark", "Trino"))).shouldBeEmpty()
        }

        mapOf(
                Duration.ofSeconds(59) to "59 s",
                Duration.ofDays(7).plusMinutes(1) to "10081 min",
                Duration.ofDays(8) to "192 h",
                Duration.ofMillis(1500) to "1500 ms",
                Duration.ZERO to "0 s",
            )
            .forEach { (bad, words) ->
                test("an idle timeout of $words is not EMR's") {
                    of(cluster(idle = bad)) shouldContainExactly
                        listOf(
                            Message(
                                at(2),
                                "The cluster \"etl\" has an idle timeout of $words.",
                                "EMR takes 1.minutes to 7.days.",
                            )
                        )
                }
            }

        test("the limits themselves are allowed") {
            of(cluster(stepConcurrency = 1, idle = ClusterSpec.MIN_IDLE_TIMEOUT)).shouldBeEmpty()
            of(cluster(stepConcurrency = 256, idle = ClusterSpec.MAX_IDLE_TIMEOUT)).shouldBeEmpty()
            of(
                    group(count = 3),
                    group(InstanceRole.CORE, count = 1),
                    group(InstanceRole.TASK, count = 2000),
                )
                .shouldBeEmpty()
            of(cluster(tags = mapOf("k".repeat(128) to "v".repeat(256)))).shouldBeEmpty()
        }

        listOf("hdfs://x/y", "/var/log", "s3:/x", "s3://", "s3:// x/y").forEach { bad ->
            test("logs go to S3, not to ${bad.replace(':', ' ')}") {
                of(cluster(logs = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(2),
                            "The log location \"$bad\" of the cluster \"etl\" is not on S3.",
                            "Write s3(\"s3://bucket/prefix/\").",
                        )
                    )
            }
        }

        test("S3 has three names and needs no prefix") {
            listOf("s3://b", "s3n://b/p/", "s3a://b/p").forEach {
                of(cluster(logs = it)).shouldBeEmpty()
            }
        }

        test("a cluster needs a primary group") {
            of(group(InstanceRole.CORE)) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has no primary instance groups.",
                        "Write exactly one, such as instances { primary(\"m6g.xlarge\") }.",
                    )
                )
        }

        test("a cluster has one primary group") {
            of(group(), group()) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has 2 primary instance groups.",
                        "Write exactly one, such as instances { primary(\"m6g.xlarge\") }.",
                    )
                )
        }

        test("a cluster has at most one core group") {
            of(group(), group(InstanceRole.CORE), group(InstanceRole.CORE)) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has 2 core instance groups.",
                        "EMR takes one. Raise its count, or make the others task groups.",
                    )
                )
        }

        test("task nodes need core nodes") {
            of(group(), group(InstanceRole.TASK)) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has task nodes and no core nodes.",
                        "Clusters with task nodes must also define core nodes. Add core(\"m6g.xlarge\").",
                    )
                )
            of(
                    group(),
                    group(InstanceRole.CORE),
                    group(InstanceRole.TASK),
                    group(InstanceRole.TASK),
                )
                .shouldBeEmpty()
        }

        listOf("m6g", "xlarge.", "M6G.xlarge", "m6g xlarge", "").forEach { bad ->
            test("\"${bad.replace('.', ',')}\" is not the form of an instance type") {
                of(group(type = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(3),
                            "\"$bad\" does not have the form of an instance type.",
                            "Write family.size, such as \"m6g.xlarge\".",
                        )
                    )
            }
        }

        listOf(0, 2, 4).forEach { bad ->
            test("a primary group of $bad is not EMR's") {
                of(group(count = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(3),
                            "The primary group has $bad instances.",
                            "EMR takes 1, or 3 for high availability.",
                        )
                    )
            }
        }

        listOf(0, 2001, -5).forEach { bad ->
            test("a core or task group of $bad is not EMR's") {
                of(
                    group(),
                    group(InstanceRole.CORE, count = bad, line = 4),
                    group(InstanceRole.TASK, count = bad, line = 5),
                ) shouldContainExactly
                    listOf(
                        Message(
                            at(4),
                            "The core group has $bad instances.",
                            "Write 1 to 2000, or remove the group.",
                        ),
                        Message(
                            at(5),
                            "The task group has $bad instances.",
                            "Write 1 to 2000, or remove the group.",
                        ),
                    )
            }
        }

        listOf("cheap", "0", "-0.1", "").forEach { bad ->
            test("\"${bad.replace('.', ',')}\" is not a price") {
                of(group(spot = SpotMarket(bad))) shouldContainExactly
                    listOf(
                        Message(
                            at(3),
                            "\"$bad\" is not a price.",
                            "Write US dollars per hour, such as \"0.12\", or leave it out to pay up to the on-demand price.",
                        )
                    )
            }
        }

        test("spot needs no price") {
            of(group(spot = SpotMarket(null))).shouldBeEmpty()
            of(group(spot = SpotMarket("0.12"))).shouldBeEmpty()
        }

        test("the author's tags leave space for those of Emrys") {
            of(cluster(tags = (1..40).associate { "k$it" to "" })).shouldBeEmpty()
            of(cluster(tags = (1..41).associate { "k$it" to "" })) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "The cluster \"etl\" has 41 tags.",
                        "EMR takes 50, and Emrys adds its own. Keep 40 or fewer.",
                    )
                )
        }

        listOf("" to "v", "k".repeat(129) to "v", "k" to "v".repeat(257)).forEach { (key, value) ->
            test("a tag of ${key.length} and ${value.length} characters is not EMR's") {
                of(cluster(tags = mapOf(key to value))) shouldContainExactly
                    listOf(
                        Message(
                            at(2),
                            "The tag \"$key\" of the cluster \"etl\" is too long or has no key.",
                            "A key has 1 to 128 characters, a value at most 256.",
                        )
                    )
            }
        }

        listOf("aws:owner", "emrys:run").forEach { key ->
            test("the tag key ${key.replace(':', ' ')} is reserved") {
                of(cluster(tags = mapOf(key to "v"))) shouldContainExactly
                    listOf(
                        Message(
                            at(2),
                            "The tag key \"$key\" is reserved.",
                            "Keys that begin with aws: belong to Amazon, with emrys: to Emrys. Choose another.",
                        )
                    )
            }
        }

        test("a configuration names its classification, a nested one too") {
            val nested = Configuration(" ", ImmutableMap.of("a", "b"), ImmutableList.of())
            val outer = Configuration("spark-env", ImmutableMap.of(), ImmutableList.of(nested))
            of(cluster(configurations = listOf(outer))) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "A configuration has an empty classification.",
                        "Name one, such as \"spark-defaults\".",
                    )
                )
        }

        test("errors of a cluster's retry are found too") {
            of(cluster(retry = retry(attempts = 0))) shouldContainExactly
                listOf(
                    Message(
                        at(2),
                        "retry has attempts = 0.",
                        "The first attempt counts. Write 1 (no retry) to 100.",
                    )
                )
        }
    })
