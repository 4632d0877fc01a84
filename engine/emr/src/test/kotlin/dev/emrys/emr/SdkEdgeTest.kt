package dev.emrys.emr

import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.mockk.every
import io.mockk.mockk
import java.time.Duration
import java.time.Instant
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.core.exception.SdkClientException
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsResponse
import software.amazon.awssdk.services.emr.model.ClusterStatus
import software.amazon.awssdk.services.emr.model.DescribeClusterRequest
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.ListClustersResponse
import software.amazon.awssdk.services.emr.model.ListStepsRequest
import software.amazon.awssdk.services.emr.model.ListStepsResponse
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.RunJobFlowResponse
import software.amazon.awssdk.services.emr.model.StepStatus
import software.amazon.awssdk.services.emr.model.StepSummary

private fun refusal(status: Int, code: String, text: String): RuntimeException =
    EmrException.builder()
        .message(text)
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage(text).build())
        .build()

private fun cluster(
    state: String?,
    code: String? = null,
    message: String? = null,
): DescribeClusterResponse =
    DescribeClusterResponse.builder()
        .cluster { cluster ->
            cluster
                .id("j-1")
                .status(
                    ClusterStatus.builder()
                        .state(state)
                        .stateChangeReason { it.code(code).message(message) }
                        .build()
                )
        }
        .build()

private fun steps(vararg steps: Pair<String, StepStatus>): ListStepsResponse =
    ListStepsResponse.builder()
        .steps(
            steps.map { (id, status) ->
                StepSummary.builder().id(id).name(id).status(status).build()
            }
        )
        .build()

private fun status(state: String?): StepStatus = StepStatus.builder().state(state).build()

/** The effects over an SDK client whose answers are what the emulator would never give. */
private fun edge(emr: EmrClient, behaves: EmrHarness.() -> Unit) =
    EmrHarness(wire = false, other = emr).use(behaves)

/** Answers in this order, the last one for ever. */
private fun EmrClient.clusterIs(vararg answers: DescribeClusterResponse) =
    every { describeCluster(any<DescribeClusterRequest>()) } returnsMany answers.toList()

private fun EmrClient.stepsAre(vararg answers: ListStepsResponse) =
    every { listSteps(any<ListStepsRequest>()) } returnsMany answers.toList()

class SdkEdgeTest :
    FunSpec({
        val endings =
            mapOf(
                "BOOTSTRAP_FAILURE" to FailureKind.BOOTSTRAP,
                "INSTANCE_FAILURE" to FailureKind.BOOTSTRAP,
                "INSTANCE_FLEET_TIMEOUT" to FailureKind.BOOTSTRAP,
                "INTERNAL_ERROR" to FailureKind.INTERNAL,
                "VALIDATION_ERROR" to FailureKind.REFUSED,
                "USER_REQUEST" to FailureKind.CLUSTER_LOST,
                "STEP_FAILURE" to FailureKind.CLUSTER_LOST,
                "SOMETHING_NEW" to FailureKind.CLUSTER_LOST,
                null to FailureKind.CLUSTER_LOST,
            )
        for ((code, kind) in endings) {
            test("a cluster that ends with $code before it is up failed as $kind") {
                val emr = mockk<EmrClient>()
                emr.clusterIs(
                    cluster("BOOTSTRAPPING"),
                    cluster("TERMINATED_WITH_ERRORS", code, "On the master."),
                )
                edge(emr) {
                    perform(watchCluster("j-1"))
                    pass(minutes(1))
                    val failed = all<Event.AttemptFailed>().single()
                    failed.failure shouldBe kind
                    failed.reason shouldContain "On the master."
                    all<Event.AttemptSucceeded>().shouldBeEmpty()
                }
            }
        }

        test("a cluster that ends TERMINATED without a reason after a failed step is no success") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("WAITING"), cluster("TERMINATED"))
            emr.stepsAre(
                steps("s-1" to status("RUNNING"), "s-2" to status("PENDING")),
                steps("s-1" to status("FAILED"), "s-2" to status("CANCELLED")),
            )
            edge(emr) {
                perform(
                    watchCluster("j-1"),
                    watchStep("j-1", "s-1", "a"),
                    watchStep("j-1", "s-2", "b"),
                )
                events.clear()
                pass(minutes(1))
                all<Event.AttemptSucceeded>().shouldBeEmpty()
                all<Event.AttemptFailed>().map { it.task to it.failure } shouldContainExactly
                    listOf(
                        "a" to FailureKind.STEP,
                        "b" to FailureKind.CLUSTER_LOST,
                        "start:etl" to FailureKind.CLUSTER_LOST,
                    )
                all<Event.AttemptFailed>().first().reason shouldContain "gives no reason"
                all<Event.ScopeLost>() shouldHaveSize 1
            }
        }

        for (unknown in listOf("HIBERNATING", null)) {
            test("a cluster whose state is $unknown concludes nothing, and is asked again") {
                val emr = mockk<EmrClient>()
                emr.clusterIs(cluster(unknown), cluster(unknown), cluster("WAITING"))
                edge(emr) {
                    perform(watchCluster("j-1"))
                    pass(POLL_INTERVAL)
                    events.shouldBeEmpty()
                    pass(POLL_INTERVAL)
                    all<Event.AttemptSucceeded>() shouldHaveSize 1
                }
            }

            test("a step whose state is $unknown concludes nothing, and is asked again") {
                val emr = mockk<EmrClient>()
                emr.clusterIs(cluster("RUNNING"))
                emr.stepsAre(
                    steps("s-1" to status(unknown)),
                    steps("s-1" to status(unknown)),
                    steps("s-1" to status("COMPLETED")),
                )
                edge(emr) {
                    perform(watchStep("j-1", "s-1", "a"))
                    pass(POLL_INTERVAL)
                    events.shouldBeEmpty()
                    pass(POLL_INTERVAL)
                    events.map { it::class } shouldContainExactly
                        listOf(Event.AttemptSucceeded::class)
                    warnings.shouldBeEmpty()
                }
            }
        }

        test("a step that EMR does not list for a while concludes nothing") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("RUNNING"))
            emr.stepsAre(steps(), steps(), steps("s-1" to status("COMPLETED")))
            edge(emr) {
                perform(watchStep("j-1", "s-1", "a"))
                events.shouldBeEmpty()
                pass(minutes(1))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test(
            "a step that was cancelled with its cluster between two calls of a round has lost the cluster"
        ) {
            val emr = mockk<EmrClient>()
            emr.clusterIs(
                cluster("RUNNING"),
                cluster("TERMINATING", "INSTANCE_FAILURE", "Master was lost."),
            )
            emr.stepsAre(steps("s-1" to status("CANCELLED")))
            edge(emr) {
                perform(watchStep("j-1", "s-1", "a"))
                val failed = events.single() as Event.AttemptFailed
                failed.failure shouldBe FailureKind.CLUSTER_LOST
                failed.reason shouldContain "Master was lost."
            }
        }

        test("a cluster's loss is not reported while it is open how one of its steps ended") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("TERMINATED_WITH_ERRORS", "INSTANCE_FAILURE", "Master was lost."))
            emr.stepsAre(steps(), steps("s-1" to status("COMPLETED")))
            edge(emr) {
                perform(watchCluster("j-1"), watchStep("j-1", "s-1", "a"))
                events.shouldBeEmpty()
                pass(minutes(1))
                events.map { it::class } shouldContainExactly
                    listOf(
                        Event.AttemptSucceeded::class,
                        Event.AttemptFailed::class,
                        Event.ScopeLost::class,
                    )
            }
        }

        test("a step's start that lies ahead of our clock counts from now") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("RUNNING"))
            edge(emr) {
                val ahead: Instant = time.instant().plusSeconds(90)
                emr.stepsAre(
                    steps(
                        "s-1" to
                            StepStatus.builder()
                                .state("RUNNING")
                                .timeline { it.startDateTime(ahead) }
                                .build()
                    )
                )
                perform(watchStep("j-1", "s-1", "a"))
                events shouldContainExactly listOf(Event.AttemptRunning(time.instant(), "a", 1))
            }
        }

        val transient =
            listOf(
                refusal(503, "ServiceUnavailable", "Busy."),
                refusal(500, "InternalFailure", "Broken."),
                refusal(400, "ThrottlingException", "Rate exceeded"),
                refusal(429, "TooManyRequestsException", "Slow down."),
                refusal(
                    400,
                    "ExpiredTokenException",
                    "The security token included in the request is expired",
                ),
                refusal(400, "InvalidSignatureException", "Signature expired: it is now later."),
                refusal(400, "RequestTimeTooSkewed", "The difference is too large."),
                refusal(400, "ExpiredToken", "Expired."),
                refusal(400, "RequestExpired", "Request has expired."),
                refusal(403, "UnrecognizedClientException", "The security token is invalid."),
            )
        // Neither a throttled call nor one without valid credentials was executed.
        val unexecuted = transient.drop(2)
        for (failure in transient) {
            val said = (failure as EmrException).awsErrorDetails().errorCode()
            test("$said neither fails a start nor starts twice") {
                val emr = mockk<EmrClient>()
                every { emr.runJobFlow(any<RunJobFlowRequest>()) } throws
                    failure andThen
                    RunJobFlowResponse.builder().jobFlowId("j-1").build()
                every { emr.listClusters(any<ListClustersRequest>()) } returns
                    ListClustersResponse.builder().build()
                edge(emr) {
                    perform(start())
                    pass(minutes(2))
                    events.map { it::class } shouldContainExactly
                        listOf(Event.AttemptAccepted::class)
                    recorded.operations() shouldContainExactly
                        if (failure in unexecuted) listOf("RunJobFlow", "RunJobFlow")
                        else listOf("RunJobFlow", "ListClusters", "ListClusters", "RunJobFlow")
                }
            }

            test("a round that meets $said concludes nothing") {
                val emr = mockk<EmrClient>()
                every { emr.describeCluster(any<DescribeClusterRequest>()) } throws
                    failure andThenThrows
                    failure andThen
                    cluster("TERMINATED")
                edge(emr) {
                    perform(watchEnd("j-1"))
                    events.shouldBeEmpty()
                    pass(minutes(1))
                    all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                        listOf("end:etl")
                }
            }
        }

        test(
            "calls without valid credentials wait, people are told once, and again when they go on"
        ) {
            val emr = mockk<EmrClient>()
            val expired = refusal(400, "ExpiredTokenException", "The token is expired")
            val missing =
                SdkClientException.create("x", Endpoint.CredentialsException("None.", null))
            val answers = listOf(expired, missing, missing, missing, missing, missing)
            every { emr.runJobFlow(any<RunJobFlowRequest>()) } throwsMany
                answers andThen
                RunJobFlowResponse.builder().jobFlowId("j-1").build()
            edge(emr) {
                perform(start())
                pass(minutes(5))
                events.map { it::class } shouldContainExactly listOf(Event.AttemptAccepted::class)
                recorded.operations().toSet() shouldBe setOf("RunJobFlow")
                warnings shouldContainExactly
                    listOf(
                        "There are no valid credentials: The token is expired (ExpiredTokenException)" +
                            " Nothing has failed: what needs them waits until they are renewed. Log in.",
                        "The credentials are valid again: what waited for them goes on.",
                    )
                renewals shouldBe answers.size
            }
        }

        test("what a person can do about a refusal follows EMR's own words") {
            val emr = mockk<EmrClient>()
            every { emr.runJobFlow(any<RunJobFlowRequest>()) } throws
                refusal(400, "ValidationException", "Invalid InstanceProfile: mine.")
            edge(emr) {
                perform(start())
                (events.single() as Event.AttemptFailed).reason shouldBe
                    "Invalid InstanceProfile: mine. (ValidationException) Name another one."
            }
        }

        test("AccessDenied fails a start as refused, with EMR's own words") {
            val emr = mockk<EmrClient>()
            val words =
                "User: arn:aws:iam::1:user/x is not authorized to perform: elasticmapreduce:RunJobFlow"
            every { emr.runJobFlow(any<RunJobFlowRequest>()) } throws
                refusal(400, "AccessDeniedException", words)
            edge(emr) {
                perform(start())
                val failed = events.single() as Event.AttemptFailed
                failed.failure shouldBe FailureKind.REFUSED
                failed.reason shouldBe "$words (AccessDeniedException)"
            }
        }

        test(
            "rounds that EMR refuses conclude nothing, are warned of ever more rarely, and go on"
        ) {
            val emr = mockk<EmrClient>()
            var denied = true
            every { emr.describeCluster(any<DescribeClusterRequest>()) } answers
                {
                    if (denied) throw refusal(400, "AccessDeniedException", "Not authorized.")
                    else cluster("WAITING")
                }
            edge(emr) {
                perform(watchCluster("j-1"))
                pass(Duration.ofHours(6))
                events.shouldBeEmpty()
                warnings.size shouldBeInRange 1..20
                warnings.first() shouldContain "Not authorized."
                denied = false
                pass(minutes(1))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test("a sweep that EMR refuses is warned of ever more rarely, and goes on") {
            val emr = mockk<EmrClient>()
            var denied = true
            every { emr.listClusters(any<ListClustersRequest>()) } answers
                {
                    if (denied) throw refusal(400, "AccessDeniedException", "Not authorized.")
                    ListClustersResponse.builder().build()
                }
            emr.clusterIs(cluster("WAITING"))
            edge(emr) {
                perform(watchCluster("j-1"), watchEnd("j-2"))
                pass(Duration.ofHours(6))
                events.shouldBeEmpty()
                warnings.size shouldBeInRange 1..20
                denied = false
                pass(minutes(1))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test("an answer that we cannot read does not end the watch") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(DescribeClusterResponse.builder().build(), cluster("WAITING"))
            edge(emr) {
                perform(watchCluster("j-1"))
                pass(minutes(1))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test("a step that is listed as running on a cluster that is gone is asked for again") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("TERMINATED"))
            emr.stepsAre(
                steps("s-1" to status("RUNNING"), "s-2" to status("RUNNING")),
                steps("s-1" to status("COMPLETED"), "s-2" to status("RUNNING")),
            )
            edge(emr) {
                perform(watchStep("j-1", "s-1", "a"), watchStep("j-1", "s-2", "b"))
                pass(LAG.minusMillis(1))
                events shouldContainExactly listOf(all<Event.AttemptSucceeded>().single())
                all<Event.AttemptSucceeded>().single().task shouldBe "a"
                pass(minutes(1))
                all<Event.AttemptRunning>().single().task shouldBe "b"
                all<Event.AttemptFailed>().single().failure shouldBe FailureKind.CLUSTER_LOST
            }
        }

        test("a step that EMR dates before its submission has begun when it was submitted") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(cluster("RUNNING"))
            every { emr.addJobFlowSteps(any<AddJobFlowStepsRequest>()) } returns
                AddJobFlowStepsResponse.builder().stepIds("s-1").build()
            // Our clock is 10 minutes ahead of EMR's.
            val begun =
                StepStatus.builder()
                    .state("RUNNING")
                    .timeline { it.startDateTime(SUBMIT_TIME.minusSeconds(600)) }
                    .build()
            emr.stepsAre(steps("s-1" to begun))
            edge(emr) {
                perform(submit("j-1", "a"))
                val accepted = all<Event.AttemptAccepted>().single()
                pass(seconds(5))
                perform(watchStep("j-1", "s-1", "a"))
                all<Event.AttemptRunning>().single().at() shouldBe accepted.at()
            }
        }

        test("a cluster that ends because of a quota has failed for the quota") {
            val emr = mockk<EmrClient>()
            emr.clusterIs(
                cluster(
                    "TERMINATED_WITH_ERRORS",
                    "VALIDATION_ERROR",
                    "The requested number of instances exceeds your EC2 quota.",
                )
            )
            edge(emr) {
                perform(watchCluster("j-1"))
                all<Event.AttemptFailed>().single().failure shouldBe FailureKind.QUOTA
            }
        }
    })
