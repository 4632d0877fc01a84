package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.Backoff
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.Configuration
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SpotMarket
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class ClusterWordsTest :
    FunSpec({
        test("a cluster that says only its primary has the documented defaults") {
            val cluster = clusterOf {}
            cluster.name() shouldBe "c"
            cluster.releaseLabel() shouldBe "emr-7.8.0"
            cluster.applications().shouldBeEmpty()
            cluster.logUri() shouldBe null
            cluster.stepConcurrency() shouldBe 1
            cluster.idleTimeout() shouldBe Duration.ofHours(1)
            cluster.serviceRole() shouldBe "EMR_DefaultRole"
            cluster.jobFlowRole() shouldBe "EMR_EC2_DefaultRole"
            cluster.subnetId() shouldBe null
            cluster.keyName() shouldBe null
            cluster.retry() shouldBe RetryPolicy.NONE
            cluster.instanceGroups().single().let {
                it.role() shouldBe InstanceRole.PRIMARY
                it.count() shouldBe 1
                it.spot() shouldBe null
            }
        }

        test("the plain settings reach their fields") {
            val cluster = clusterOf {
                release = Release("emr-7.9.0")
                stepConcurrency = 2
                idleTimeout = 30.minutes
                serviceRole = "MyRole"
                instanceProfile = "MyProfile"
                subnet = "subnet-1"
                keyName = "mine"
            }
            cluster.releaseLabel() shouldBe "emr-7.9.0"
            cluster.stepConcurrency() shouldBe 2
            cluster.idleTimeout() shouldBe Duration.ofMinutes(30)
            cluster.serviceRole() shouldBe "MyRole"
            cluster.jobFlowRole() shouldBe "MyProfile"
            cluster.subnetId() shouldBe "subnet-1"
            cluster.keyName() shouldBe "mine"
        }

        test("applications are open, and named twice they are installed once") {
            val cluster = clusterOf { applications(Spark, Hive, Application("MyOwn"), Spark) }
            cluster.applications() shouldContainExactly listOf("Spark", "Hive", "MyOwn")
        }

        test("instances keep their order, market and place") {
            val cluster = clusterOf {
                instances {
                    core(InstanceType.M6g2xlarge, count = 2)
                    task("r6g.2xlarge", count = 8) { spot() }
                    task(InstanceType("m5.xlarge")) { spot { maxPricePerHour = "0.12" } }
                }
            }
            val (primary, core, task, last) = cluster.instanceGroups()
            core.instanceType() shouldBe "m6g.2xlarge"
            core.role() shouldBe InstanceRole.CORE
            core.count() shouldBe 2
            task.role() shouldBe InstanceRole.TASK
            task.count() shouldBe 8
            task.spot() shouldBe SpotMarket(null)
            last.spot() shouldBe SpotMarket("0.12")
            primary.location().file() shouldBe "pipelines/x.emr.kts"
            task.location().line() shouldBe core.location().line() + 1
        }

        test("configurations nest, and the last value of a name counts") {
            val cluster = clusterOf {
                configuration("spark-defaults") {
                    set("spark.sql.adaptive.enabled", false)
                    set("n", 3)
                    set("spark.sql.adaptive.enabled", true)
                }
                configuration("hadoop-env") { configuration("export") { set("JAVA_HOME", "/jvm") } }
            }
            cluster.configurations() shouldContainExactly
                listOf(
                    Configuration(
                        "spark-defaults",
                        ImmutableMap.of("spark.sql.adaptive.enabled", "true", "n", "3"),
                        ImmutableList.of(),
                    ),
                    Configuration(
                        "hadoop-env",
                        ImmutableMap.of(),
                        ImmutableList.of(
                            Configuration(
                                "export",
                                ImmutableMap.of("JAVA_HOME", "/jvm"),
                                ImmutableList.of(),
                            )
                        ),
                    ),
                )
        }

        test("tags take any value that has a text") {
            clusterOf { tags("Owner" to "data-eng", "Cost" to 7, "Owner" to "me") }.tags() shouldBe
                mapOf("Owner" to "me", "Cost" to "7")
        }

        test("logs and bootstrap actions come from s3") {
            val spec = specOf {
                pipeline("p") {
                    val c =
                        cluster("c") {
                            logs = s3("s3://my-emr-logs/")
                            bootstrap("install", s3("s3://b-1/x.sh"), "arg", 2, secret("k"))
                            instances { primary("m6g.xlarge") }
                        }
                    c.step("s") { bash("date") }
                }
            }
            spec.clusters().single().logUri() shouldBe "s3://my-emr-logs/"
            spec.clusters().single().bootstrapActions() shouldContainExactly
                listOf(
                    BootstrapAction(
                        "install",
                        "s3://b-1/x.sh",
                        ImmutableList.of("arg", "2", "\${secret:k}"),
                    )
                )
        }

        test("a retry block means three attempts on everything, unless it says otherwise") {
            clusterOf { retry {} }.retry() shouldBe
                RetryPolicy(3, Backoff.DEFAULT, RetryPolicy.RETRYABLE)
            val said = clusterOf {
                retry {
                    attempts = 5
                    backoff = exponential(30.seconds, max = 10.minutes, jitter = 0.1)
                    on(Failure.Bootstrap, Failure.Internal)
                }
            }
            said.retry().attempts() shouldBe 5
            said.retry().backoff() shouldBe
                Backoff(Duration.ofSeconds(30), 2.0, Duration.ofMinutes(10), 0.1)
            said.retry().on() shouldBe setOf(FailureKind.BOOTSTRAP, FailureKind.INTERNAL)
        }

        test("root causes can have limits of their own, of which the last one counts") {
            val said = clusterOf {
                retry {
                    attempts = 10
                    atMost(2, Cause.Bootstrap, Cause.Capacity)
                    atMost(1, Cause.Bootstrap)
                }
            }
            said.retry().limits() shouldBe
                mapOf(FailureCause.BOOTSTRAP to 1, FailureCause.CAPACITY to 2)
        }

        test("a constant backoff stays what it is") {
            clusterOf { retry { backoff = constant(5.seconds) } }.retry().backoff() shouldBe
                Backoff(Duration.ofSeconds(5), 1.0, Duration.ofSeconds(5), 0.0)
        }

        test("every failure that can be retried has a word, and only those") {
            Failure.entries.map { it.kind }.toSet() shouldBe RetryPolicy.RETRYABLE
        }
    })
