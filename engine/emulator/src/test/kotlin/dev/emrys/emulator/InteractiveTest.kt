package dev.emrys.emulator

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.net.URI
import java.time.Duration
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InvalidRequestException
import software.amazon.awssdk.services.emr.model.NotebookExecution

private val SLOW =
    EmulatorSettings.DEFAULT.withDelays(
        Duration.ofMinutes(2),
        Duration.ofMinutes(1),
        Duration.ofMinutes(1),
    )

private val ROLE = "arn:aws:iam::000000000000:role/steps"

private fun invalid(call: () -> Unit): String =
    shouldThrow<InvalidRequestException> { call() }.text()

private fun EmrClient.notebook(cluster: String, editor: String? = "e-1"): String =
    startNotebookExecution {
        it.editorId(editor).relativePath("a.ipynb").serviceRole("service").executionEngine { engine
            ->
            engine.id(cluster)
        }
    }
    .notebookExecutionId()

private fun EmrClient.execution(id: String): NotebookExecution = describeNotebookExecution {
    it.notebookExecutionId(id)
}
    .notebookExecution()

/** The same account in an emulator that was started again. */
private fun EmulatorHarness.restarted(): EmulatorHarness {
    emr.close()
    return EmulatorHarness(store, settings, ManualClock(clock.instant()), processes, seed = 8)
        .also { it.emr.recover() }
}

class InteractiveTest :
    FunSpec({
        test(
            "a notebook execution passes its states and fails with a reason, also after a restart"
        ) {
            val harness = EmulatorHarness(settings = SLOW)
            val cluster = harness.run()
            val id = harness.emr.notebook(cluster)
            id shouldStartWith "ex-"
            harness.emr.execution(id).arn() shouldBe
                "arn:aws:elasticmapreduce:us-east-1:000000000000:notebook-execution/$id"
            val seen =
                List(5) {
                    harness.emr.execution(id).statusAsString().also {
                        harness.clock.advance(Duration.ofMinutes(1))
                    }
                }
            seen shouldContainExactly
                listOf("START_PENDING", "START_PENDING", "STARTING", "FAILING", "FAILED")
            val ended = harness.restarted().emr.execution(id)
            ended.statusAsString() shouldBe "FAILED"
            ended.lastStateChangeReason() shouldContain "does not execute notebooks"
            ended.endTime() shouldBe ended.startTime().plus(Duration.ofMinutes(4))
        }

        test("a notebook execution is stopped before it ends, and not after") {
            val harness = EmulatorHarness(settings = SLOW)
            val id = harness.emr.notebook(harness.run())
            harness.emr.stopNotebookExecution { it.notebookExecutionId(id) }
            harness.emr.execution(id).statusAsString() shouldBe "STOPPING"
            harness.clock.advance(Duration.ofMinutes(1))
            harness.emr.execution(id).statusAsString() shouldBe "STOPPED"
            invalid { harness.emr.stopNotebookExecution { it.notebookExecutionId(id) } } shouldBe
                "The notebook execution '$id' is already STOPPED."
            invalid { harness.emr.execution("ex-NONE") } shouldBe
                "Notebook execution id 'ex-NONE' is not valid."
        }

        test("notebook executions are listed by editor, cluster, state and time") {
            val harness = EmulatorHarness()
            val (first, second) = List(2) { harness.ready() }
            val a = harness.emr.notebook(first)
            harness.clock.advance(Duration.ofDays(20))
            val b = harness.emr.notebook(second, "e-2")
            val emr = harness.emr
            fun ids(configure: (ListRequest) -> Unit) =
                emr.listNotebookExecutions { configure(it) }
                    .notebookExecutions()
                    .map {
                        it.notebookExecutionId()
                    }
            ids {} shouldContainExactly listOf(b, a)
            ids { it.editorId("e-1") } shouldContainExactly listOf(a)
            ids { it.executionEngineId(second) } shouldContainExactly listOf(b)
            ids { it.status("RUNNING") } shouldContainExactly listOf()
            ids { it.to(harness.clock.instant().minusSeconds(1)) } shouldContainExactly listOf(a)
            harness.clock.advance(Duration.ofDays(20))
            ids {} shouldContainExactly listOf(b)
            ids { it.from(harness.clock.instant().minus(Duration.ofDays(50))) } shouldContainExactly
                listOf(b, a)
        }

        test("a notebook execution needs a cluster, a notebook and JSON parameters") {
            val harness = EmulatorHarness()
            invalid { harness.emr.notebook("j-NONE") } shouldBe "Cluster id 'j-NONE' is not valid."
            val id = harness.ready()
            invalid { harness.emr.notebook(id, null) } shouldBe
                "One of EditorId and NotebookS3Location must be specified."
            invalid {
                harness.emr.startNotebookExecution {
                    it.editorId("e-1").serviceRole("s").notebookParams("{")
                    it.executionEngine { engine -> engine.id(id) }
                }
            } shouldBe "NotebookParams is not JSON."
            harness.emr.terminateJobFlows { it.jobFlowIds(id) }
            invalid { harness.emr.notebook(id) } shouldContain "is TERMINATING"
        }

        test("session credentials and steps on a cluster with runtime roles need a role") {
            val harness = EmulatorHarness()
            val plain = harness.ready()
            fun credentials(cluster: String, role: String? = ROLE) =
                harness.emr.getClusterSessionCredentials {
                    it.clusterId(cluster).executionRoleArn(role)
                }
            invalid { credentials(plain) } shouldStartWith
                "Runtime roles are not supported on this cluster"
            harness.emr.createSecurityConfiguration {
                it.name("roles")
                    .securityConfiguration(
                        """{"AuthorizationConfiguration":{"IAMConfiguration":{"EnableApplicationScopedIAMRole":true}}}"""
                    )
            }
            val secured = harness.ready { securityConfiguration("roles") }
            invalid { credentials(secured, null) } shouldBe
                "Runtime roles are required for this cluster. Please specify the role using the ExecutionRoleArn parameter."
            shouldThrow<EmrException> { harness.emr.add(secured, step("x")) }.text() shouldBe
                "Runtime roles are required for this cluster. Please specify the role using the ExecutionRoleArn parameter."
            harness.emr.addJobFlowSteps {
                it.jobFlowId(secured).executionRoleArn(ROLE).steps(step("x"))
            }
            val given = credentials(secured)
            given.expiresAt() shouldBe harness.clock.instant().plus(Duration.ofHours(1))
            given.credentials().usernamePassword().password().length shouldBe 25
        }

        test("a presigned URL shows where the logs of the cluster's steps are, for an hour") {
            val harness = EmulatorHarness()
            val id = harness.ready(step("<one>"))
            val arn = harness.emr.cluster(id).clusterArn()
            val ui =
                harness.emr
                    .createPersistentAppUI { it.targetResourceArn(arn).profilerType("SHS") }
                    .persistentAppUIId()
            val shown = harness.restarted().emr.describePersistentAppUI { it.persistentAppUIId(ui) }
            shown.persistentAppUI().persistentAppUITypeListAsStrings() shouldBe listOf("SHS")
            val again = harness.restarted()
            fun url() = again.emr.getPersistentAppUIPresignedURL { it.persistentAppUIId(ui) }
            url().presignedURLReady() shouldBe false
            again.emr.serveAppPages(URI.create("http://127.0.0.1:1/app-ui/"))
            val token = url().presignedURL().removePrefix("http://127.0.0.1:1/app-ui/")
            val html = again.emr.appPage(token).orElse(null).shouldNotBeNull()
            html shouldContain "s3://logs/$id/steps/s-"
            html shouldContain "&lt;one&gt;"
            html shouldNotContain "<one>"
            again.emr.appPage("x").isPresent shouldBe false
            again.clock.advance(Duration.ofHours(1))
            again.emr.appPage(token).isPresent shouldBe false
            invalid {
                again.emr.getPersistentAppUIPresignedURL {
                    it.persistentAppUIId(ui).persistentAppUIType("TEZ")
                }
            } shouldContain "does not have the type TEZ"
            invalid {
                again.emr.createPersistentAppUI { it.targetResourceArn(arn + "x") }
            } shouldContain "is not a cluster of this account"
            again.emr
                .getOnClusterAppUIPresignedURL { it.clusterId(id) }
                .presignedURLReady() shouldBe true
            again.emr
                .getOnClusterAppUIPresignedURL { it.clusterId(id).dryRun(true) }
                .presignedURL() shouldBe null
            again.emr.terminateJobFlows { it.jobFlowIds(id) }
            invalid { again.emr.getOnClusterAppUIPresignedURL { it.clusterId(id) } } shouldContain
                "it has no user interfaces"
            shouldThrow<EmrException> {
                    again.emr.createPersistentAppUI {
                        it.targetResourceArn(arn).emrContainersConfig { job -> job.jobRunId("1") }
                    }
                }
                .text() shouldContain "Amazon EMR on EKS"
        }

        test("ARNs are of the region's partition") {
            fun arn(region: String): String {
                val settings =
                    EmulatorSettings(
                        region,
                        "123456789012",
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        500,
                        Duration.ofDays(60),
                        false,
                    )
                val harness = EmulatorHarness(settings = settings)
                return harness.emr.cluster(harness.run()).clusterArn()
            }
            arn("eu-west-1") shouldStartWith
                "arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-"
            arn("cn-north-1") shouldStartWith "arn:aws-cn:elasticmapreduce:cn-north-1:"
            arn("us-gov-west-1") shouldStartWith "arn:aws-us-gov:elasticmapreduce:us-gov-west-1:"
        }
    })

private typealias ListRequest =
    software.amazon.awssdk.services.emr.model.ListNotebookExecutionsRequest.Builder
