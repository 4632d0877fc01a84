package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Configuration
import dev.emrys.spec.FailureKind
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.RawRequest
import dev.emrys.spec.SpotMarket
import dev.emrys.spec.StepLogs
import dev.emrys.spec.StepSpec
import dev.emrys.testing.group
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest
import software.amazon.awssdk.services.emr.model.Configuration as EmrConfiguration
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.Tag

private val NESTED =
    Configuration(
        "spark-env",
        ImmutableMap.of("top", "1"),
        ImmutableList.of(
            Configuration(
                "export",
                ImmutableMap.of("A", "\${secret:token} of brave-otter"),
                ImmutableList.of(),
            )
        ),
    )

private val FULL =
    clusterSpec(
        groups =
            listOf(
                group(InstanceRole.PRIMARY, "m6g.xlarge", 1),
                group(InstanceRole.CORE, "m6g.2xlarge", 2, SpotMarket(null)),
                group(InstanceRole.TASK, "r6g.2xlarge", 8, SpotMarket("0.12")),
            ),
        configurations = listOf(NESTED),
        tags = mapOf("Owner" to "data-eng 1"),
        bootstrap =
            listOf(
                BootstrapAction(
                    "prepare",
                    "s3://b/prepare.sh",
                    ImmutableList.of("--fast", "\${secret:token}"),
                )
            ),
        logUri = "s3://logs/brave-otter/",
        subnet = "subnet-0123456789abcdef0",
        key = "my-key",
        concurrency = 7,
    )

private val FULL_REQUEST: RunJobFlowRequest =
    RunJobFlowRequest.builder()
        .name("etl #run-1.t1.1")
        .releaseLabel("emr-7.8.0")
        .applications({ it.name("Spark") }, { it.name("Hive") })
        .configurations(
            EmrConfiguration.builder()
                .classification("spark-env")
                .properties(mapOf("top" to "1"))
                .configurations({
                    it.classification("export")
                        .properties(mapOf("A" to "t0ps3cret of brave-otter"))
                        .configurations(listOf())
                })
                .build()
        )
        .instances { instances ->
            instances
                .instanceGroups(
                    {
                        it.name("Primary").instanceRole("MASTER").instanceType("m6g.xlarge")
                        it.instanceCount(1).market("ON_DEMAND")
                    },
                    {
                        it.name("Core").instanceRole("CORE").instanceType("m6g.2xlarge")
                        it.instanceCount(2).market("SPOT")
                    },
                    {
                        it.name("Task").instanceRole("TASK").instanceType("r6g.2xlarge")
                        it.instanceCount(8).market("SPOT").bidPrice("0.12")
                    },
                )
                .keepJobFlowAliveWhenNoSteps(true)
                .terminationProtected(false)
                .ec2SubnetId("subnet-0123456789abcdef0")
                .ec2KeyName("my-key")
        }
        .logUri("s3://logs/brave-otter/")
        .serviceRole("MyServiceRole")
        .jobFlowRole("MyInstanceProfile")
        .visibleToAllUsers(true)
        .stepConcurrencyLevel(7)
        .autoTerminationPolicy { it.idleTimeout(5400) }
        .bootstrapActions({ action ->
            action.name("prepare").scriptBootstrapAction {
                it.path("s3://b/prepare.sh").args("--fast", "t0ps3cret")
            }
        })
        .tags(
            tag("Owner", "data-eng 1"),
            tag("emrys:pipeline", "daily-etl"),
            tag("emrys:run", "run-1"),
            tag("emrys:run-name", "brave-otter"),
            tag("emrys:key", "run-1.t1.1"),
            tag("emrys:expires-at", "2026-04-25T09:00:00Z"),
        )
        .build()

private fun tag(key: String, value: String) = Tag.builder().key(key).value(value).build()

class RequestTest :
    FunSpec({
        overBoth("everything that the author asked of a cluster is in the request") {
            secrets["token"] = "t0ps3cret"
            perform(start(FULL))
            recorded.requests<RunJobFlowRequest>().single() shouldBe FULL_REQUEST
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth("what the author left out is left to EMR") {
            perform(start())
            val request = recorded.requests<RunJobFlowRequest>().single()
            request.logUri() shouldBe null
            request.instances().ec2SubnetId() shouldBe null
            request.instances().ec2KeyName() shouldBe null
            request.instances().instanceGroups().single().bidPrice() shouldBe null
        }

        overBoth("a release label that has no auto-termination is not refused for it") {
            val old =
                clusterSpec().let { spec ->
                    ClusterSpec(
                        spec.name(),
                        "emr-5.29.0",
                        spec.applications(),
                        spec.instanceGroups(),
                        spec.configurations(),
                        spec.tags(),
                        null,
                        1,
                        spec.idleTimeout(),
                        spec.serviceRole(),
                        spec.jobFlowRole(),
                        null,
                        null,
                        spec.bootstrapActions(),
                        spec.retry(),
                        RawRequest.NONE,
                        spec.location(),
                    )
                }
            perform(start(old))
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth("a cluster has what its request says, and both leases") {
            secrets["token"] = "t0ps3cret"
            perform(start(FULL))
            val id = clusters().single().id()
            val cluster = emulator.describeCluster { it.clusterId(id) }.cluster()
            cluster.autoTerminate() shouldBe false
            cluster.stepConcurrencyLevel() shouldBe 7
            cluster.tags().map { it.key() } shouldContain "emrys:run"
            cluster.tags().map { it.key() } shouldContain "emrys:expires-at"
            cluster.configurations().single().configurations().single().properties() shouldBe
                mapOf("A" to "t0ps3cret of brave-otter")
            emulator
                .getAutoTerminationPolicy { it.clusterId(id) }
                .autoTerminationPolicy()
                .idleTimeout() shouldBe 5400L
            emulator
                .listInstanceGroups { it.clusterId(id) }
                .instanceGroups()
                .map { Triple(it.instanceGroupTypeAsString(), it.marketAsString(), it.bidPrice()) }
                .shouldContainExactly(
                    Triple("MASTER", "ON_DEMAND", null),
                    Triple("CORE", "SPOT", null),
                    Triple("TASK", "SPOT", "0.12"),
                )
        }

        overBoth("a step's own log folder is in its request") {
            val id = madeCluster()
            val spec =
                stepSpec("curate").run {
                    StepSpec(
                        name,
                        cluster,
                        kind,
                        jarStep,
                        after,
                        retry,
                        timeout,
                        location,
                        StepLogs("s3://logs/step/", "arn:aws:kms:eu-central-1:1:key/k"),
                        null,
                    )
                }
            perform(submit(id, "curate", spec = spec))
            pass(seconds(10))
            val monitoring =
                recorded
                    .requests<AddJobFlowStepsRequest>()
                    .single()
                    .steps()
                    .single()
                    .stepMonitoringConfiguration()
                    .s3MonitoringConfiguration()
            monitoring.logUri() shouldBe "s3://logs/step/"
            monitoring.encryptionKeyArn() shouldBe "arn:aws:kms:eu-central-1:1:key/k"
            all<Event.AttemptAccepted>() shouldHaveSize 1
        }

        overBoth("a step goes on when it fails, and its name ends with its key") {
            val id = madeCluster()
            secrets["db"] = "pa\$\$w0rd"
            perform(
                submit(
                    id,
                    "curate",
                    spec =
                        stepSpec(
                            "curate",
                            listOf("spark-submit", "--password=\${secret:db}"),
                            mapOf("db.password" to "\${secret:db}", "plain" to "x"),
                            "org.example.Main",
                        ),
                )
            )
            val step = recorded.requests<AddJobFlowStepsRequest>().single().steps().single()
            step.name() shouldBe "curate #run-1.curate.1"
            step.actionOnFailureAsString() shouldBe "CONTINUE"
            step.hadoopJarStep().jar() shouldBe "command-runner.jar"
            step.hadoopJarStep().mainClass() shouldBe "org.example.Main"
            step.hadoopJarStep().args() shouldContainExactly
                listOf("spark-submit", "--password=pa\$\$w0rd")
            step.hadoopJarStep().properties().map { it.key() to it.value() } shouldContainExactly
                listOf("db.password" to "pa\$\$w0rd", "plain" to "x")
            runner.orders.single().args shouldContainExactly
                listOf("spark-submit", "--password=pa\$\$w0rd")
        }

        overBoth("a secret is looked up when the request is sent, not before") {
            val id = madeCluster()
            secrets["db"] = "old"
            faults.plan("AddJobFlowSteps", Fault.Throttle())
            perform(submit(id, "a", spec = stepSpec("a", listOf("\${secret:db}"))))
            secrets["db"] = "new"
            pass(minutes(2))
            runner.orders.single().args shouldContainExactly listOf("new")
        }

        overBoth("an unknown secret fails the attempt as refused, and says where to put it") {
            perform(start(FULL))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure shouldBe FailureKind.REFUSED
            failed.reason shouldContain "\"token\""
            failed.reason shouldContain "EMRYS_SECRET_TOKEN"
            recorded.calls.shouldBeEmpty()
        }

        overBoth("a step whose secret is missing does not hold up the others") {
            val id = madeCluster(concurrency = 10)
            perform(
                submit(id, "a"),
                submit(id, "b", spec = stepSpec("b", listOf("\${secret:my.db/pass}"))),
                submit(id, "c"),
            )
            all<Event.AttemptAccepted>().map { it.task } shouldContainExactly listOf("a", "c")
            val failed = all<Event.AttemptFailed>().single()
            failed.task shouldBe "b"
            failed.failure shouldBe FailureKind.REFUSED
            failed.reason shouldContain "EMRYS_SECRET_MY_DB_PASS"
            steps(id).map { it.name().substringBefore(' ') } shouldContainExactly listOf("c", "a")
        }

        overBoth("a secret that EMR quotes when it refuses does not reach a event") {
            val id = madeCluster()
            secrets["db"] = "hunter2"
            val tooLong = stepSpec("a", listOf("\${secret:db}" + "x".repeat(10_280)))
            perform(submit(id, "a", spec = tooLong))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure shouldBe FailureKind.REFUSED
            failed.reason shouldContain "length less than or equal to 10280"
            failed.reason shouldNotContain "hunter2"
        }

        overBoth("a secret that EMR quotes when a cluster is refused does not reach a event") {
            secrets["token"] = "t0ps3cret"
            faults.plan("RunJobFlow", Fault.Refuse("The argument 't0ps3cret' is not fine."))
            perform(start(FULL))
            all<Event.AttemptFailed>().single().reason shouldBe
                "The argument '\${secret:token}' is not fine. (ValidationException)"
        }

        overBoth("a secret in the text of a failure is not in the warning") {
            secrets["token"] = "t0ps3cret"
            recorded.before = {
                throw software.amazon.awssdk.core.exception.SdkClientException.create(
                    "no t0ps3cret"
                )
            }
            perform(start(FULL))
            pass(minutes(10))
            warnings.first() shouldContain "no \${secret:token}"
            warnings.joinToString() shouldNotContain "t0ps3cret"
        }
    })

private infix fun List<String>.shouldContain(one: String) = contains(one) shouldBe true
