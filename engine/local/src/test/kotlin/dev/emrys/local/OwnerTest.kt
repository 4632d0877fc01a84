package dev.emrys.local

import com.google.common.collect.ImmutableList
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.StepState

/** The owner process as it really is: another JVM, started detached, killed without a warning. */
class OwnerTest :
    FunSpec({
        fun owner(account: Account, idleMillis: Long = 60_000) =
            OwnerProcess(
                account,
                ImmutableList.of(
                    ProcessHandle.current().info().command().get(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.emrys.local.TestOwner",
                    idleMillis.toString(),
                    account.folder().toString(),
                ),
            )

        fun client(address: OwnerAddress): EmrClient =
            EmrClient.builder()
                .endpointOverride(address.uri())
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(address.token(), "x")
                    )
                )
                .httpClient(UrlConnectionHttpClient.create())
                .build()

        fun kill(address: OwnerAddress) {
            val process = ProcessHandle.of(address.pid())
            process.ifPresent { it.destroyForcibly() }
            awaitThat("the owner's end") { process.isEmpty || !process.get().isAlive }
        }

        test("an owner whose address file is taken away writes it again, and is found") {
            val account = account()
            val first = owner(account).address()
            try {
                Files.delete(account.ownerFile())
                owner(account).address() shouldBe first
            } finally {
                kill(first)
            }
        }

        fun cluster(emr: EmrClient): String =
            emr.runJobFlow {
                    it.name("c")
                        .releaseLabel("emr-7.8.0")
                        .serviceRole("s")
                        .jobFlowRole("j")
                        .instances { instances ->
                            instances
                                .keepJobFlowAliveWhenNoSteps(true)
                                .masterInstanceType("m5.xlarge")
                                .instanceCount(1)
                        }
                }
                .jobFlowId()

        fun step(emr: EmrClient, cluster: String, script: String): String =
            emr.addJobFlowSteps {
                    it.jobFlowId(cluster)
                        .steps({ step ->
                            step
                                .name("s")
                                .actionOnFailure(ActionOnFailure.CONTINUE)
                                .hadoopJarStep { jar ->
                                    jar.jar("command-runner.jar").args("bash", "-c", script)
                                }
                        })
                }
                .stepIds()
                .single()

        test("several who want an owner get one and the same") {
            val account = account()
            val asked =
                (1..3)
                    .map { CompletableFuture.supplyAsync { owner(account).address() } }
                    .map { it.get() }
            try {
                asked.toSet().size shouldBe 1
                asked.first().answers() shouldBe true
            } finally {
                kill(asked.first())
            }
        }

        test(
            "an owner that was killed comes back with its clusters, and its steps were not disturbed"
        ) {
            val account = account()
            val go = account.folder().resolve("go")
            val ledger = account.folder().resolve("ledger")
            val first = owner(account).address()
            val cluster: String
            val step: String
            client(first).use { emr ->
                cluster = cluster(emr)
                step =
                    step(
                        emr,
                        cluster,
                        "echo run >> '$ledger'; while [ ! -e '$go' ]; do sleep 0.05; done",
                    )
                awaitThat("the step") { Files.exists(ledger) }
            }
            kill(first)
            val second = owner(account).address()
            try {
                client(second).use { emr ->
                    fun state() =
                        emr.describeStep { it.clusterId(cluster).stepId(step) }
                            .step()
                            .status()
                            .state()
                    state() shouldBe StepState.RUNNING
                    Files.createFile(go)
                    awaitThat("the step's end") { state() == StepState.COMPLETED }
                    emr.terminateJobFlows { it.jobFlowIds(cluster) }
                    awaitThat("the cluster's end") {
                        emr.describeCluster { it.clusterId(cluster) }
                            .cluster()
                            .status()
                            .stateAsString() == "TERMINATED"
                    }
                }
                ledger.text() shouldBe "run\n"
            } finally {
                kill(second)
            }
        }

        test(
            "an owner goes when it has had no cluster for a while, and takes its address with it"
        ) {
            val account = account()
            val address = owner(account, idleMillis = 300).address()
            awaitThat("its end") {
                ProcessHandle.of(address.pid()).map { !it.isAlive }.orElse(true)
            }
            Files.exists(account.ownerFile()) shouldBe false
        }

        test("an owner that cannot start says why") {
            val account = account()
            Files.createDirectories(account.database())
            val failure = runCatching { owner(account).address() }.exceptionOrNull()
            failure?.message.orEmpty() shouldContain "emulator"
            failure?.message.orEmpty() shouldContain account.ownerLog().toString()
        }
    })

internal object TestOwner {
    @JvmStatic
    fun main(args: Array<String>) {
        Owner.run(Account(Path.of(args[1])), NO_TOOLKITS, Duration.ofMillis(args[0].toLong()))
    }
}
