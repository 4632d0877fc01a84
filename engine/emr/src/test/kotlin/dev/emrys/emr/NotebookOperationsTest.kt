package dev.emrys.emr

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import dev.emrys.spec.NotebookExecution
import dev.emrys.spec.RawRequest
import dev.emrys.testing.operation
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.DescribeNotebookExecutionResponse
import software.amazon.awssdk.services.emr.model.NotebookExecutionStatus
import software.amazon.awssdk.services.emr.model.NotebookExecutionSummary
import software.amazon.awssdk.services.emr.model.StartNotebookExecutionRequest
import software.amazon.awssdk.services.emr.model.StopNotebookExecutionRequest

/** An execution takes four minutes to start and two until it ends. */
private val SLOW = EmulatorSettings.DEFAULT.withDelays(minutes(4), minutes(2), minutes(1))

private const val KEY = "run-1.o1.1"

private fun notebook(
    parameters: String = "{}",
    environment: Map<String, String> = mapOf(),
    output: String? = null,
) =
    NotebookExecution(
        null,
        null,
        "s3://books/reports/daily.ipynb",
        "EMR_Notebooks_DefaultRole",
        RawRequest.of(ObjectMapper().readTree(parameters) as ObjectNode),
        ImmutableMap.copyOf(environment),
        output,
        null,
        null,
        null,
    )

private val OF_WORKSPACE =
    NotebookExecution(
        "e-1ABC",
        "daily.ipynb",
        null,
        "Notebooks",
        RawRequest.NONE,
        ImmutableMap.of(),
        null,
        "arn:aws:iam::123456789012:role/Analysts",
        "sg-1",
        "sg-2",
    )

private fun ask(
    clusterId: String,
    what: NotebookExecution = notebook(),
    uncertain: Boolean = false,
) = Command.Submit("op", 1, KEY, operation("op", what = what), clusterId, SUBMIT_TIME, uncertain)

private fun watch(clusterId: String, id: String) =
    Command.Watch("op", 1, operation("op", what = notebook()), clusterId, id, SUBMIT_TIME)

private fun cancel(clusterId: String, id: String) =
    Command.Cancel("op", 1, operation("op", what = notebook()), clusterId, id)

private fun EmrHarness.executions(): List<NotebookExecutionSummary> =
    emulator.listNotebookExecutions {}.notebookExecutions()

private fun EmrHarness.acceptedId() = all<Event.AttemptAccepted>().single().remoteId

/** The emulator executes no notebook: here what it says has failed has finished. */
private fun EmrHarness.executeNotebooks() {
    recorded.answer = { response ->
        if (
            response is DescribeNotebookExecutionResponse &&
                response.notebookExecution().status() == NotebookExecutionStatus.FAILED
        ) {
            val finished =
                response
                    .notebookExecution()
                    .toBuilder()
                    .status(NotebookExecutionStatus.FINISHED)
                    .build()
            response.toBuilder().notebookExecution(finished).build()
        } else response
    }
}

class NotebookOperationsTest :
    FunSpec({
        overBoth("a notebook has succeeded when its execution has finished, and not before", SLOW) {
            val id = madeCluster()
            executeNotebooks()
            perform(ask(id))
            perform(watch(id, acceptedId()))
            all<Event.AttemptRunning>().single().task shouldBe "op"
            pass(minutes(6))
            all<Event.AttemptSucceeded>().shouldBeEmpty()
            pass(minutes(2))
            all<Event.AttemptSucceeded>().single().task shouldBe "op"
            executions() shouldHaveSize 1
        }

        overBoth("the request has what the author wrote, and its name the key of the attempt") {
            val id = madeCluster()
            secrets["db"] = "hunter2"
            perform(
                ask(
                    id,
                    notebook(
                        """{"day": "2026-01-02", "top": 10, "password": "${'$'}{secret:db}"}""",
                        mapOf("STAGE" to "prod", "PASSWORD" to "\${secret:db}"),
                        "s3://books/executed/",
                    ),
                )
            )
            val request = recorded.requests<StartNotebookExecutionRequest>().single()
            request.notebookExecutionName() shouldBe "op #$KEY"
            request.executionEngine().id() shouldBe id
            request.executionEngine().typeAsString() shouldBe "EMR"
            request.serviceRole() shouldBe "EMR_Notebooks_DefaultRole"
            request.notebookS3Location().bucket() shouldBe "books"
            request.notebookS3Location().key() shouldBe "reports/daily.ipynb"
            request.outputNotebookS3Location().key() shouldBe "executed/"
            request.notebookParams() shouldBe
                """{"day":"2026-01-02","top":10,"password":"hunter2"}"""
            request.environmentVariables() shouldBe
                mapOf("STAGE" to "prod", "PASSWORD" to "hunter2")
            request.tags().single().value() shouldBe KEY
        }

        overBoth("the notebook of a workspace is named by the workspace and its path") {
            val id = madeCluster()
            perform(ask(id, OF_WORKSPACE))
            val request = recorded.requests<StartNotebookExecutionRequest>().single()
            request.editorId() shouldBe "e-1ABC"
            request.relativePath() shouldBe "daily.ipynb"
            request.notebookS3Location() shouldBe null
            request.notebookParams() shouldBe null
            request.executionEngine().executionRoleArn() shouldBe
                "arn:aws:iam::123456789012:role/Analysts"
            request.notebookInstanceSecurityGroupId() shouldBe "sg-1"
            request.executionEngine().masterInstanceSecurityGroupId() shouldBe "sg-2"
        }

        overBoth("a missing secret fails the operation, and nothing is started") {
            val id = madeCluster()
            perform(ask(id, notebook("""{"password": "${'$'}{secret:none}"}""")))
            all<Event.AttemptFailed>().single().failure() shouldBe FailureKind.REFUSED
            executions().shouldBeEmpty()
        }

        overBoth("an execution that fails gives EMR's reason") {
            val id = madeCluster()
            perform(ask(id))
            perform(watch(id, acceptedId()))
            pass(minutes(1))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure() shouldBe FailureKind.STEP
            failed.reason() shouldContain "does not execute notebooks"
        }

        overBoth("an execution that somebody stops has failed", SLOW) {
            val id = madeCluster()
            perform(ask(id))
            perform(watch(id, acceptedId()))
            emulator.stopNotebookExecution { it.notebookExecutionId(acceptedId()) }
            pass(minutes(2))
            val failed = all<Event.AttemptFailed>().single()
            failed.failure() shouldBe FailureKind.STEP
            failed.reason() shouldContain "stopped by somebody: Stopped by user request."
        }

        overBoth("a start whose answer is lost is looked up, and not sent again", SLOW) {
            val id = madeCluster()
            faults.plan("StartNotebookExecution", Fault.ErrorAfter())
            perform(ask(id))
            pass(minutes(1))
            recorded.requests<StartNotebookExecutionRequest>() shouldHaveSize 1
            acceptedId() shouldBe executions().single().notebookExecutionId()
        }

        overBoth("a start that has not arrived is sent again", SLOW) {
            val id = madeCluster()
            faults.plan("StartNotebookExecution", Fault.ErrorBefore())
            perform(ask(id))
            pass(minutes(1))
            recorded.requests<StartNotebookExecutionRequest>() shouldHaveSize 2
            acceptedId() shouldBe executions().single().notebookExecutionId()
        }

        overBoth("a process that takes an uncertain start over finds the execution", SLOW) {
            val id = madeCluster()
            perform(ask(id))
            val first = acceptedId()
            events.clear()
            recorded.calls.clear()
            perform(ask(id, uncertain = true))
            pass(minutes(1))
            recorded.requests<StartNotebookExecutionRequest>().shouldBeEmpty()
            acceptedId() shouldBe first
        }

        overBoth("of two executions with one key the older is used, the younger stopped", SLOW) {
            val id = madeCluster()
            fun start() =
                emulator
                    .startNotebookExecution { request ->
                        request
                            .notebookExecutionName("op #$KEY")
                            .serviceRole("role")
                            .editorId("e-1")
                            .executionEngine { it.id(id) }
                    }
                    .notebookExecutionId()
            val older = start()
            pass(minutes(1))
            val younger = start()
            perform(ask(id, uncertain = true))
            pass(minutes(1))
            acceptedId() shouldBe older
            recorded.requests<StopNotebookExecutionRequest>().map {
                it.notebookExecutionId()
            } shouldContainExactly listOf(younger)
        }

        overBoth("a withdrawn start is not sent") {
            val id = madeCluster()
            submitOnly(Command.Withdraw("op", 1, KEY), ask(id))
            time.settle()
            all<Event.AttemptFailed>().single().reason() shouldBe RequestFactory.WITHDRAWN
            executions().shouldBeEmpty()
        }

        overBoth("a cancelled execution is stopped, and reported when it has ended", SLOW) {
            val id = madeCluster()
            perform(ask(id))
            val execution = acceptedId()
            perform(watch(id, execution))
            perform(cancel(id, execution))
            all<Event.AttemptCancelled>().shouldBeEmpty()
            pass(minutes(2))
            all<Event.AttemptCancelled>().single().reason() shouldBe
                "The notebook execution $execution was stopped."
            executions().single().statusAsString() shouldBe "STOPPED"
            all<Event.AttemptFailed>().shouldBeEmpty()
        }

        overBoth("an execution that has finished before its cancellation has succeeded") {
            val id = madeCluster()
            executeNotebooks()
            perform(ask(id))
            pass(minutes(1))
            perform(cancel(id, acceptedId()))
            pass(minutes(1))
            all<Event.AttemptSucceeded>().single().task shouldBe "op"
            all<Event.AttemptCancelled>().shouldBeEmpty()
        }
    })
