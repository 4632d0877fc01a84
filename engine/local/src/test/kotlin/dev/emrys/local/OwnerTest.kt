package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.sun.net.httpserver.HttpServer
import dev.emrys.emulator.StoredDocument
import dev.emrys.sqlite.FileIdentity
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.isRunning
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import java.time.temporal.ChronoUnit.MILLIS
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.StepState

/** The real owner process: another JVM, started detached, killed by SIGKILL. */
class OwnerTest :
    FunSpec({
        fun owner(account: Account, idleMillis: Long = 60_000, umask: String = "022") =
            OwnerProcess(
                account,
                ImmutableList.of(
                    "sh",
                    "-c",
                    "umask $umask; exec \"\$@\"",
                    "sh",
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
            awaitUntil("the owner's end") { process.isEmpty || !process.get().isAlive }
        }

        test("no secret and no AWS key is in the environment of the owner process").config(
            enabled = Files.isDirectory(Path.of("/proc/self"))
        ) {
            System.getenv("EMRYS_SECRET_DATABASE") shouldBe "a-real-secret"
            val address = owner(account()).address()
            try {
                val environment = Path.of("/proc/${address.pid()}/environ").text()
                environment
                    .split('\u0000')
                    .filter { it.startsWith("AWS_") || it.startsWith("EMRYS_SECRET_") }
                    .shouldBeEmpty()
            } finally {
                kill(address)
            }
        }

        fun cluster(emr: EmrClient, logs: String? = null): String =
            emr.runJobFlow {
                    it.name("c")
                        .logUri(logs)
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

        fun awaitEnd(address: OwnerAddress) =
            awaitUntil("the owner's end") { !isRunning(address.pid()) }

        for (name in listOf("owner.json", "owner.lock")) {
            test("an owner process whose $name is deleted ends, and the next one has its cluster") {
                val account = account()
                val first = owner(account).address()
                val cluster = client(first).use { cluster(it) }
                Files.delete(account.folder().resolve(name))
                awaitEnd(first)
                val second = owner(account).address()
                try {
                    second.pid() shouldNotBe first.pid()
                    client(second).use { emr ->
                        emr.describeCluster { it.clusterId(cluster) }.cluster().id() shouldBe
                            cluster
                    }
                } finally {
                    kill(second)
                }
            }
        }

        test("an owner process whose lock is replaced stores nothing more") {
            val account = account()
            val lock = account.ownerLock()
            Files.createFile(lock)
            SqliteStore(account.database(), FileIdentity.of(lock)).use { store ->
                val document = StoredDocument("cluster", "j-1", "{}")
                store.save(ImmutableList.of(document))
                Files.move(lock, account.folder().resolve("old.lock"))
                Files.createFile(lock)
                shouldThrow<IllegalStateException> {
                        store.save(ImmutableList.of(StoredDocument("cluster", "j-2", "{}")))
                    }
                    .message shouldContain "was removed or replaced"
            }
            SqliteStore(account.database(), FileIdentity.of(lock)).use {
                it.load().map { stored -> stored.id() } shouldBe listOf("j-1")
            }
        }

        test("when the account is removed, its owner process and its steps end") {
            val account = account()
            val pid = Files.createTempFile("emrys-step", ".pid")
            val first = owner(account).address()
            client(first).use { emr ->
                step(emr, cluster(emr), "echo \$\$ > '$pid'; sleep 1000")
                awaitUntil("the step") { pid.text().endsWith("\n") }
            }
            val process = pid.text().trim().toLong()
            ProcessBuilder("rm", "-rf", account.folder().toString()).start().waitFor() shouldBe 0
            awaitEnd(first)
            awaitUntil("the step's end") { !isRunning(process) }
            Files.exists(account.folder()) shouldBe false
            val second = owner(account).address()
            try {
                client(second).use { emr -> emr.listClusters().clusters().shouldBeEmpty() }
            } finally {
                kill(second)
            }
        }

        test("the address of a killed owner process is removed before the next one begins") {
            val account = account()
            Files.writeString(account.ownerFile(), "{\"port\":1,\"token\":\"t\",\"pid\":1}")
            Files.createDirectory(account.database())
            shouldThrow<LocalSetupException> { owner(account).address() }
            Files.exists(account.ownerFile()) shouldBe false
        }

        test("concurrent callers get the same owner process") {
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

        test("a killed owner process is restarted with its clusters, and its steps continue") {
            val account = account()
            val go = account.folder().resolve("go")
            val runs = account.folder().resolve("ledger")
            val first = owner(account).address()
            val cluster: String
            val step: String
            client(first).use { emr ->
                cluster = cluster(emr)
                step =
                    step(
                        emr,
                        cluster,
                        "echo run >> '$runs'; while [ ! -e '$go' ]; do sleep 0.05; done",
                    )
                awaitUntil("the step") { Files.exists(runs) }
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
                    awaitUntil("the step's end") { state() == StepState.COMPLETED }
                    emr.terminateJobFlows { it.jobFlowIds(cluster) }
                    awaitUntil("the cluster's end") {
                        emr.describeCluster { it.clusterId(cluster) }
                            .cluster()
                            .status()
                            .stateAsString() == "TERMINATED"
                    }
                }
                runs.text() shouldBe "run\n"
                // Its text may have contained a secret.
                awaitUntil("the end of what the step was given") {
                    Files.walk(account.folder()).use { all ->
                        all.filter { Files.isRegularFile(it) }
                            .noneMatch {
                                "echo run" in Files.readAllBytes(it).toString(Charsets.ISO_8859_1)
                            }
                    }
                }
            } finally {
                kill(second)
            }
        }

        test("a step that runs while its owner process is killed keeps its StartDateTime") {
            val account = account()
            val go = account.folder().resolve("go")
            val blocking =
                "until [ -e '$go' ] || [ ! -d '${account.folder()}' ]; do sleep 0.05; done"
            var address = owner(account).address()
            fun <T> emr(action: (EmrClient) -> T): T = client(address).use(action)

            /** A new step, and the cluster that it runs on. */
            fun running(): Pair<String, String> = emr {
                val cluster = cluster(it)
                cluster to step(it, cluster, blocking)
            }
            fun claim(step: Pair<String, String>) =
                account.step(step.first, step.second).resolve("claim")
            fun started(step: Pair<String, String>) = emr { client ->
                client
                    .describeStep { it.clusterId(step.first).stepId(step.second) }
                    .step()
                    .status()
                    .timeline()
                    .startDateTime()
            }
            fun awaitReported(step: Pair<String, String>) {
                awaitUntil("the claim") { Files.exists(claim(step)) }
                val claimed = Files.getLastModifiedTime(claim(step)).toInstant().truncatedTo(MILLIS)
                awaitUntil("the report of the start") { started(step) == claimed }
            }
            try {
                val step = running()
                awaitReported(step)
                val before = started(step)
                // Twice: what the first adoption stores must not differ either.
                repeat(2) {
                    kill(address)
                    // As a restored copy of the account has it.
                    Files.setLastModifiedTime(claim(step), FileTime.from(Instant.now()))
                    address = owner(account).address()
                    // A step that was submitted after another one's report belongs to a later poll:
                    // so at least one poll of all steps has ended after these two reports.
                    repeat(2) { awaitReported(running()) }
                    started(step) shouldBe before
                }
                Files.createFile(go)
                awaitUntil("the step's end") {
                    emr { client ->
                        client
                            .describeStep { it.clusterId(step.first).stepId(step.second) }
                            .step()
                            .status()
                            .state()
                    } == StepState.COMPLETED
                }
                started(step) shouldBe before
            } finally {
                kill(address)
            }
        }

        test("an idle owner process ends and deletes its address file and its lock file") {
            val account = account()
            // Long enough for its address to be read on a busy machine.
            val address = owner(account, idleMillis = 2_000).address()
            awaitEnd(address)
            Files.exists(account.ownerFile()) shouldBe false
            Files.exists(account.ownerLock()) shouldBe false
        }

        test("the owner process logs to a file in the account, not to its output") {
            val account = account()
            val address = owner(account).address()
            try {
                Files.exists(account.ownerMessages()) shouldBe true
            } finally {
                kill(address)
            }
            Files.readString(account.ownerLog()) shouldBe ""
        }

        for ((umask, mode) in listOf("022" to "rw-r--r--", "000" to "rw-rw-rw-")) {
            test(
                "the files of an account are for this user only, others have the modes of umask $umask"
            ) {
                val account = Account(account().folder().resolve("local"))
                val address = owner(account, umask = umask).address()
                val outside = temporaryFolder("emrys-outside").resolve("made")
                try {
                    client(address).use { emr ->
                        val cluster = cluster(emr, "s3://logs/emr/")
                        val step = step(emr, cluster, "echo made | tee here > '$outside'")
                        val logs = account.path("s3://logs/emr/$cluster/steps/$step")
                        awaitUntil("the logs") { Files.exists(logs.resolve("stderr.gz")) }
                        account.step(cluster, step).resolve("work/here").mode shouldBe mode
                        Files.exists(account.ownerLock()) shouldBe true
                        account.folder().openToOthers().shouldBeEmpty()
                        emr.terminateJobFlows { it.jobFlowIds(cluster) }
                    }
                    outside.mode shouldBe mode
                } finally {
                    kill(address)
                }
                account.folder().openToOthers().shouldBeEmpty()
            }
        }

        test("another process on the port of a killed owner process is not trusted") {
            val impostor = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
            val paths = CopyOnWriteArrayList<String>()
            impostor.createContext("/") { exchange ->
                paths += exchange.requestURI.path
                exchange.sendResponseHeaders(200, -1)
                exchange.close()
            }
            impostor.start()
            val account = account()
            val killed = OwnerAddress(impostor.address.port, "t", "p", 999_999_999)
            killed.write(account.ownerFile())
            val address = owner(account).address()
            try {
                address.port() shouldNotBe killed.port()
                paths.distinct() shouldBe listOf("/ping")
            } finally {
                kill(address)
                impostor.stop(0)
            }
        }

        test("nothing is sent to the address in a file that another user owns or may write") {
            val requests = AtomicInteger()
            val planted = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
            planted.createContext("/") { exchange ->
                requests.incrementAndGet()
                exchange.responseHeaders.add("X-Emrys-Proof", "p")
                exchange.sendResponseHeaders(200, -1)
                exchange.close()
            }
            planted.start()
            try {
                val account = account()
                val address = OwnerAddress(planted.address.port, "t", "p", 999_999_999)
                address.write(account.ownerFile())
                owner(account).address() shouldBe address
                val asked = requests.get()
                account.ownerFile().withMode("rw-rw-rw-")
                shouldThrow<UntrustedFileException> { owner(account).address() }
                if (onlyAsRoot().isEnabled) {
                    account.ownerFile().withMode("rw-------").givenAway()
                    shouldThrow<UntrustedFileException> { owner(account).address() }
                }
                requests.get() shouldBe asked
            } finally {
                planted.stop(0)
            }
        }

        test("an account that another user controls has no owner process") {
            val account = account()
            account.folder().withMode("rwxrwxrwx")
            shouldThrow<UntrustedFileException> { owner(account).address() }
            shouldThrow<UntrustedFileException> {
                Owner.run(account, NO_DISTRIBUTIONS, Duration.ZERO)
            }
            account.folder().withMode("rwx------")
            Files.createFile(account.ownerLock()).withMode("rw-rw-rw-")
            shouldThrow<UntrustedFileException> { owner(account).address() }
            shouldThrow<UntrustedFileException> {
                Owner.run(account, NO_DISTRIBUTIONS, Duration.ZERO)
            }
        }

        test("an owner process that cannot start says why") {
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
        val idle = Duration.ofMillis(args[0].toLong())
        // More steps than the machine's size wait for each other in one of the tests.
        Owner.run(Account(Path.of(args[1])), NO_DISTRIBUTIONS, idle, 16)
    }
}
