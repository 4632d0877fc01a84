package dev.emrys.language

import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.SpotMarket
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.Duration.Companion.minutes

private fun clusters(block: PipelineScope.() -> Unit): List<ClusterSpec> = specOf {
    pipeline("p", block)
}
    .clusters()

private fun warningsOf(block: PipelineScope.() -> Unit): List<String> {
    val evaluated = evaluate { pipeline("p", block) }
    evaluated.errors().shouldBeEmpty()
    return evaluated.warnings().map { it.what() }
}

/** Words of clusters; that they reach EMR's request is a golden test of the script host. */
class ClusterOptionWordsTest :
    FunSpec({
        test("a cluster that uses none of these words has no options") {
            clusterOf {}.options() shouldBe null
            clusterOf {}.instanceGroups().single().options() shouldBe null
            clusterOf { terminationProtection = false }.options() shouldBe null
        }

        test("the documented defaults of fleets hold") {
            val cluster = clusters {
                cluster("c") {
                        instances {
                            primaryFleet { type("m6g.xlarge") }
                            coreFleet(onDemand = 2) {
                                type(InstanceType.M6gXlarge)
                                spotLaunch {}
                                onDemandLaunch {}
                            }
                            taskFleet(spot = 3) { type("m6g.xlarge") }
                        }
                    }
                    .step("s") { bash("date") }
            }
                .single()
            val (primary, core, task) = cluster.options()!!.instanceFleets()
            (primary.onDemandCapacity() to primary.spotCapacity()) shouldBe (1 to 0)
            primary.spotLaunch() shouldBe null
            core.spotLaunch()!!.timeout() shouldBe Duration.ofHours(1)
            core.spotLaunch()!!.onTimeout() shouldBe "SWITCH_TO_ON_DEMAND"
            core.onDemandLaunch()!!.strategy() shouldBe "lowest-price"
            (task.onDemandCapacity() to task.spotCapacity()) shouldBe (0 to 3)
            task.location().line() shouldBe core.location().line() + 5
            cluster.instanceGroups().shouldBeEmpty()
        }

        test("a primary fleet of Spot needs no word for on-demand") {
            val fleet =
                clusters {
                        cluster("c") { instances { primaryFleet(spot = 1) { type("m6g.xlarge") } } }
                            .step("s") { bash("date") }
                    }
                    .single()
                    .options()!!
                    .instanceFleets()
                    .single()
            (fleet.onDemandCapacity() to fleet.spotCapacity()) shouldBe (0 to 1)
        }

        test("all of the on-demand price is the default of a group, another share is a mistake") {
            clusterOf { instances { core("m6g.xlarge") { spot { maxPercentOfOnDemand = 100 } } } }
                .instanceGroups()[1]
                .spot() shouldBe SpotMarket(null)
            toldOf {
                cluster("c") {
                    instances { core("m6g.xlarge") { spot { maxPercentOfOnDemand = 60 } } }
                }
            }
                .single() shouldBe
                "The highest Spot price of an instance group is 60 percent of the on-demand price. | " +
                    "EMR takes a percentage only for the types of an instance fleet; for a group only 100 percent, " +
                    "its default. Write maxPricePerHour = \"0.12\", or use an instance fleet."
        }

        test("a value that Emrys does not know gets a warning at its line and is kept") {
            warningsOf {
                cluster("c") {
                    scaleDownBehavior = ScaleDownBehavior("TERMINATE_AT_TASK_COMPLETON")
                    monitoring { s3Logs("system-log" to "disabled") }
                    instances {
                        primary("m6g.xlarge")
                        core("m6g.xlarge") { volume("gp9", size = 10) }
                    }
                }
            } shouldContainExactly
                listOf(
                    "The scaleDownBehavior \"TERMINATE_AT_TASK_COMPLETON\" is unknown to this version of Emrys. " +
                        "Did you mean \"TERMINATE_AT_TASK_COMPLETION\"?",
                    "The type of log \"system-log\" is unknown to this version of Emrys. Did you mean \"system-logs\"?",
                    "The volume type \"gp9\" is unknown to this version of Emrys. Did you mean \"gp3\"?",
                )
        }

        test("a known value of every vocabulary gets no warning") {
            warningsOf {
                cluster("c") {
                    scaleDownBehavior = ScaleDownBehavior.AtInstanceHour
                    repoUpgradeOnBoot = RepoUpgradeOnBoot.Security
                    managedScaling {
                        maximum = 3
                        unit = ScalingUnit.InstanceFleetUnits
                        strategy = ScalingStrategy.Default
                    }
                    placementGroups(PlacementStrategy.Partition, PlacementStrategy.Cluster)
                    instances {
                        primaryFleet {
                            type("m6g.xlarge")
                            onDemandLaunch { strategy = AllocationStrategy.Prioritized }
                            spotLaunch {
                                strategy = AllocationStrategy.CapacityOptimizedPrioritized
                                onTimeout = TimeoutAction.TerminateCluster
                            }
                            spotResize { strategy = AllocationStrategy.Diversified }
                        }
                    }
                }
            }
                .shouldBeEmpty()
        }

        test("arguments that are likely mistakes get a warning, others none") {
            warningsOf {
                cluster("c") { applications(Spark) }
                    .step("s") {
                        sparkSubmit("s3://bkt/x.py") {
                            args("", "s3:/bkt/in", "s3//bkt/in", "s3a:///bkt")
                            args("s3://bkt/in", "s3:GetObject", "a", listOf("s3a://bkt/x"), 0)
                        }
                    }
            } shouldContainExactly
                listOf(
                    "An argument is an empty text.",
                    "An argument, \"s3:/bkt/in\", resembles a location on S3 and is none.",
                    "An argument, \"s3//bkt/in\", resembles a location on S3 and is none.",
                    "An argument, \"s3a:///bkt\", resembles a location on S3 and is none.",
                )
        }

        test("a cluster of a shape has what the shape says, and what it says itself") {
            val (etl, report) =
                specOf {
                    val base = clusterShape {
                        release = Release("emr-7.9.0")
                        applications(Spark)
                        tags("Owner" to "data-eng", "Cost" to 1)
                        configuration("spark-defaults") {
                            set("a", 1)
                            set("b", 1)
                        }
                        bootstrap("one", "s3://bkt/1.sh")
                        idleTimeout = 30.minutes
                        instances { primary("m5.xlarge") }
                    }
                    val large =
                        clusterShape(base) {
                            applications(Hive)
                            instances {
                                primary("m6g.xlarge")
                                core("m6g.xlarge")
                            }
                        }
                    pipeline("p") {
                        cluster("etl", large) {
                                stepConcurrency = 4
                                tags("Cost" to 2)
                                configuration("spark-defaults") { set("b", 2) }
                                configuration("yarn-site") { set("c", 3) }
                                bootstrap("two", "s3://bkt/2.sh")
                                idleTimeout = 20.minutes
                            }
                            .step("s") { bash("date") }
                        cluster("report", base).step("t") { bash("date") }
                    }
                }
                    .clusters()
            etl.releaseLabel() shouldBe "emr-7.9.0"
            etl.applications() shouldContainExactly listOf("Spark", "Hive")
            etl.tags() shouldBe mapOf("Owner" to "data-eng", "Cost" to "2")
            etl.configurations().map {
                it.classification() to it.properties().toMap()
            } shouldContainExactly
                listOf(
                    "spark-defaults" to mapOf("a" to "1", "b" to "2"),
                    "yarn-site" to mapOf("c" to "3"),
                )
            etl.bootstrapActions().map { it.name() } shouldContainExactly listOf("one", "two")
            etl.idleTimeout() shouldBe Duration.ofMinutes(20)
            etl.instanceGroups().map { it.role() to it.instanceType() } shouldContainExactly
                listOf(
                    InstanceRole.PRIMARY to "m6g.xlarge",
                    InstanceRole.CORE to "m6g.xlarge",
                )
            report.instanceGroups().single().instanceType() shouldBe "m5.xlarge"
            report.applications() shouldContainExactly listOf("Spark")
            report.location().line() shouldBe etl.location().line() + 9
        }

        test("without a shape a configuration that is written twice is sent twice, as before") {
            clusterOf {
                configuration("x") { set("a", 1) }
                configuration("x") { set("a", 2) }
            }
                .configurations()
                .size shouldBe 2
        }

        test("a rule needs an alarm and a change, and the group a role") {
            val evaluated = evaluate {
                pipeline("p") {
                    cluster("c") {
                            instances {
                                primary("m6g.xlarge")
                                core("m6g.xlarge") { autoScaling(1, 5) { rule("r") {} } }
                            }
                        }
                        .step("s") { bash("date") }
                }
            }
            evaluated.spec!!.check().all().map { it.what() } shouldContainExactly
                listOf(
                    "There is autoScaling { } in the cluster \"c\", but no role for it.",
                    "There is rule(\"r\") in the core group, but no change of its size.",
                    "There is rule(\"r\") in the core group, but no alarm.",
                )
        }
    })
