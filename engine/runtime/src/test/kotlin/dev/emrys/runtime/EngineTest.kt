package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.drive.TargetUnavailableException
import dev.emrys.journal.ControlRequest
import dev.emrys.journal.DuplicateRunException
import dev.emrys.journal.LogicalTime
import dev.emrys.journal.RunRecord
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.spec.Backoff
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.FailureKind
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SpecJson
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.retry
import dev.emrys.testing.step
import dev.emrys.view.RunChange
import dev.emrys.view.RunView
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.temporal.ChronoUnit
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit

/** The whole engine against the real emulator, with shell steps. */
class EngineTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }

        fun run(spec: PipelineSpec): RunView =
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.start(spec, "", {})
                handle.done().get(120, TimeUnit.SECONDS)
                engine.runs().view(handle.id())
            }

        fun RunView.phase(task: String) = task(task).get().phase()

        test("a pipeline of two clusters runs in its order, and both clusters end") {
            val ledger = fixture.folder.resolve("order")
            val state =
                run(
                    pipeline(
                        listOf(cluster("a"), cluster("b")),
                        listOf(
                            bash("first", "a", "echo first >> '$ledger'"),
                            bash("second", "b", "echo second >> '$ledger'", "first"),
                        ),
                    )
                )
            state.header().outcome() shouldBe Outcome.SUCCEEDED
            Files.readAllLines(ledger) shouldBe listOf("first", "second")
            EmulatorHarness(fixture).use { it.liveClusters() shouldBe emptyList() }
        }

        test("of two runs with one name that begin at the same time one is driven") {
            val spec = pipeline(listOf(cluster("a")), listOf(bash("one", "a", "true")))
            val threads = Executors.newCachedThreadPool()
            Engine.open(fixture.settings).use { engine ->
                val begun =
                    (1..2)
                        .map { engine.startOnce(spec, "", "nightly", LOGICAL, {}, threads) }
                        .map { it.get(60, TimeUnit.SECONDS) }
                val handle = begun.single { it.isPresent }.get()
                handle.name() shouldBe "nightly"
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
            threads.shutdown()
        }

        test("a run that is recorded but not driven is continued by the next engine") {
            val spec = pipeline(listOf(cluster("a")), listOf(bash("one", "a", "true")))
            val closed = Executor { throw RejectedExecutionException() }
            Engine.open(fixture.settings).use { engine ->
                shouldThrow<ExecutionException> {
                        engine
                            .startOnce(spec, "", "refused", LOGICAL, {}, closed)
                            .get(60, TimeUnit.SECONDS)
                    }
                    .cause
                    .shouldBeInstanceOf<RejectedExecutionException>()
            }
            Engine.open(fixture.settings).use { engine ->
                val run = engine.runs().find("refused").get()
                val outcome = engine.takeOver(run.id(), {}).done()
                outcome.get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
        }

        test("a failed step skips what waits for it, has a reason, and its cluster still ends") {
            val state =
                run(
                    pipeline(
                        listOf(cluster("a")),
                        listOf(
                            bash("bad", "a", "echo 'no such table' >&2; exit 4"),
                            bash("next", "a", "true", "bad"),
                        ),
                    )
                )
            state.header().outcome() shouldBe Outcome.FAILED
            val bad = state.task("bad").get()
            bad.reason() shouldBe "Exit code 4.\nno such table"
            Files.readString(java.nio.file.Path.of(bad.log()!!)) shouldBe "no such table\n"
            state.phase("next") shouldBe Phase.SKIPPED
            state.phase("end:a") shouldBe Phase.SUCCEEDED
        }

        test("a cluster whose bootstrap action fails names the cause and the log") {
            val script = fixture.folder.resolve("install.sh")
            Files.writeString(script, "echo \"no package \$1\" >&2; exit 3")
            val install = BootstrapAction("install", "${script.toUri()}", ImmutableList.of("jq"))
            val state =
                run(
                    pipeline(
                        listOf(
                            dev.emrys.testing.cluster(
                                "a",
                                bootstrap = listOf(install),
                                location = HERE,
                            )
                        ),
                        listOf(bash("next", "a", "true")),
                    )
                )
            state.header().outcome() shouldBe Outcome.FAILED
            val start = state.task("start:a").get()
            start.failure() shouldBe FailureKind.BOOTSTRAP
            start.reason()!! shouldContain
                "bootstrap action 1 returned a non-zero return code\nExit code 3.\nno package jq"
            Files.readString(java.nio.file.Path.of(start.log()!!)) shouldBe "no package jq\n"
        }

        test("an attempt that runs too long is cancelled and counts as timed out") {
            val state =
                run(
                    pipeline(
                        listOf(cluster("a")),
                        listOf(bash("slow", "a", "sleep 600", timeout = Duration.ofSeconds(1))),
                    )
                )
            val slow = state.task("slow").get()
            slow.phase() shouldBe Phase.FAILED
            slow.failure() shouldBe FailureKind.TIMEOUT
            EmulatorHarness(fixture).use { it.stepProcesses() shouldBe emptyList() }
        }

        test("a cancel request from another engine reaches the run, and nothing is left of it") {
            val ready = fixture.folder.resolve("ready")
            Engine.open(fixture.settings).use { engine ->
                val spec =
                    pipeline(
                        listOf(cluster("a")),
                        listOf(bash("long", "a", "touch '$ready'; sleep 600")),
                    )
                val handle = engine.start(spec, "", {})
                awaitUntil("the step") { Files.exists(ready) }
                Engine.open(fixture.settings).use { other ->
                    other.journal().inbox().send(handle.id(), ControlRequest.Cancel(), "the other")
                }
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.CANCELLED
            }
            EmulatorHarness(fixture).use {
                it.liveClusters() shouldBe emptyList()
                it.stepProcesses() shouldBe emptyList()
            }
        }

        test("an engine that is closed detaches from its runs, and the next one resumes them") {
            val ready = fixture.folder.resolve("left-ready")
            val go = fixture.folder.resolve("left-go")
            val lines = fixture.folder.resolve("left-lines")
            val script =
                "echo once >> '$lines'; touch '$ready'; until [ -e '$go' ]; do sleep 0.05; done"
            val engine = Engine.open(fixture.settings)
            val left =
                engine.start(
                    pipeline(listOf(cluster("a")), listOf(bash("long", "a", script))),
                    "",
                    {},
                )
            awaitUntil("the step") { Files.exists(ready) }
            engine.close()
            left.done().isCompletedExceptionally shouldBe true
            Files.createFile(go)
            Engine.open(fixture.settings).use { next ->
                next.resume(left.id(), {}).done().get(120, TimeUnit.SECONDS) shouldBe
                    Outcome.SUCCEEDED
            }
            Files.readAllLines(lines) shouldBe listOf("once")
        }

        test("taking over a run to cancel it does not reopen it if it has failed meanwhile") {
            val lines = fixture.folder.resolve("late-lines")
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(bash("bad", "a", "echo once >> '$lines'; exit 1")),
                )
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.start(spec, "", {})
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.FAILED
                engine.journal().inbox().send(handle.id(), ControlRequest.Cancel(), "too late")
                engine.takeOver(handle.id(), {}).done().get(120, TimeUnit.SECONDS) shouldBe
                    Outcome.FAILED
            }
            Files.readAllLines(lines) shouldBe listOf("once")
        }

        test("a run gets a name even when many are taken") {
            Engine.open(fixture.settings).use { engine ->
                val now = Instant.now()
                for (how in RunNames.ADJECTIVES) {
                    for (who in RunNames.NOUNS) {
                        val name = "$how-$who"
                        val taken = RunRecord("x$name", name, "t", "", "local", now, null, null)
                        try {
                            engine.journal().runs().create(taken, "{}").close()
                        } catch (e: DuplicateRunException) {
                            // A run of another test has it.
                        }
                    }
                }
                val spec = pipeline(listOf(cluster("a")), listOf(bash("s", "a", "true")))
                val handle = engine.start(spec, "", {})
                handle.name() shouldMatch "[a-z]+-[a-z]+-[0-9]+"
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
        }

        test("a run of a target that this program does not have is refused and stays free") {
            Engine.open(fixture.settings).use { engine ->
                val spec = pipeline(listOf(cluster("a")), listOf(bash("s", "a", "true")))
                val run =
                    RunRecord("elsewhere", "elsewhere", "t", "", "aws", Instant.now(), null, null)
                engine.journal().runs().create(run, SpecJson.write(spec)).close()
                shouldThrow<TargetUnavailableException> { engine.resume("elsewhere") {} }
                    .message shouldBe
                    "This program has no target \"aws\", on which the run was started.\n" +
                        "    Use the program that started the run. Targets here: local."
                engine.runs().find("elsewhere").get().driver() shouldBe null
            }
        }

        test("a failed run is resumed with what did not succeed, and only that") {
            val ledger = fixture.folder.resolve("resumed")
            val cure = fixture.folder.resolve("cure")
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(
                        bash("good", "a", "echo good >> '$ledger'"),
                        bash("ill", "a", "echo ill >> '$ledger'; test -e '$cure'", "good"),
                    ),
                )
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.start(spec, "", {})
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.FAILED
                Files.createFile(cure)
                val again =
                    engine.resume(
                        handle.id(),
                        {},
                    )
                again.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
            Files.readAllLines(ledger) shouldBe listOf("good", "ill", "ill")
        }

        test("a cancellation that came after the end does not cancel the resumed run") {
            val cure = fixture.folder.resolve("late-cure")
            Engine.open(fixture.settings).use { engine ->
                val handle =
                    engine.start(
                        pipeline(listOf(cluster("a")), listOf(bash("ill", "a", "test -e '$cure'"))),
                        "",
                        {},
                    )
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.FAILED
                engine.journal().inbox().send(handle.id(), ControlRequest.Cancel(), "late")
                Files.createFile(cure)
                val again =
                    engine.resume(
                        handle.id(),
                        {},
                    )
                again.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
        }

        test(
            "a run that is driven by another process cannot be resumed, and the error names that process"
        ) {
            val go = fixture.folder.resolve("go-on")
            Engine.open(fixture.settings).use { engine ->
                val spec =
                    pipeline(
                        listOf(cluster("a")),
                        listOf(bash("s", "a", "until test -e '$go'; do sleep 0.05; done")),
                    )
                val handle = engine.start(spec, "", {})
                Engine.open(fixture.settings).use { other ->
                    val held =
                        shouldThrow<Engine.HeldException> {
                            other.resume(
                                handle.id(),
                                {},
                            )
                        }
                    held.holder().pid() shouldBe ProcessHandle.current().pid()
                    held.run() shouldBe handle.name()
                    val since = held.holder().since().truncatedTo(ChronoUnit.SECONDS)
                    held.message!! shouldContain " since $since. Nothing was changed"
                }
                Files.createFile(go)
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
        }

        test(
            "an owner that is killed while a step runs is started again, and the run is not affected"
        ) {
            val go = fixture.folder.resolve("after-owner")
            val ledger = fixture.folder.resolve("owner-ledger")
            Engine.open(fixture.settings).use { engine ->
                val script = "echo run >> '$ledger'; until test -e '$go'; do sleep 0.05; done"
                val spec = pipeline(listOf(cluster("a")), listOf(bash("s", "a", script)))
                val handle = engine.start(spec, "", {})
                awaitUntil("the step") { Files.exists(ledger) }
                val old = fixture.ownerPid()!!
                ProcessHandle.of(old).get().destroyForcibly()
                awaitUntil("another owner") { fixture.ownerPid() != old }
                Files.createFile(go)
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
            }
            Files.readAllLines(ledger) shouldBe listOf("run")
        }

        test("secrets reach the step and are not in the journal") {
            val secrets = fixture.folder.resolve("secrets.properties")
            Files.writeString(secrets, "db/password=hunter2-and-more\n")
            // Otherwise the preflight warns.
            Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"))
            val out = fixture.folder.resolve("secret-out")
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(bash("s", "a", "echo '\${secret:db/password}' > '$out'; exit 3")),
                )
            fixture.target.preflight(spec) { true } shouldBe emptyList()
            run(spec).header().outcome() shouldBe Outcome.FAILED
            Files.readString(out) shouldBe "hunter2-and-more\n"
            for (file in listOf("journal.db", "journal.db-wal")) {
                val bytes = fixture.folder.resolve(file)
                if (Files.exists(bytes)) {
                    String(Files.readAllBytes(bytes), Charsets.ISO_8859_1)
                        .contains("hunter2") shouldBe false
                }
            }
        }

        test("a step that would fail is reported before anything starts") {
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(bash("s", "a", "echo \${secret:unknown}")),
                )
            fixture.target
                .preflight(spec) { true }
                .filter { it.isError }
                .map { it.what() } shouldContain
                "The step \"s\" uses the secret \"unknown\", which is not known here."
        }

        test("a step that this machine cannot run is refused before anything starts") {
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(
                        command(
                            "r",
                            "a",
                            "spark-submit",
                            "--name",
                            "x",
                            "s3://b/\${run:name}/job.R",
                        ),
                        command("flink", "a", "flink", "run"),
                        command("fine", "a", "spark-submit", "s3://b/\${run:name}/job.jar"),
                    ),
                )
            fixture.target
                .preflight(spec) { true }
                .filter { it.isError }
                .map { it.what() + " " + it.fix() } shouldContainExactly
                listOf(
                    "The step \"r\" cannot run on this machine. The application " +
                        "s3://b/\${run:name}/job.R is written in R: SparkR is not emulated. " +
                        "Submit a jar with a main class, or a .py file.",
                    "The step \"flink\" cannot run on this machine. \"flink\" is not emulated. " +
                        "Emulated are spark-submit, spark-sql, spark-example, hive-script, hadoop, hdfs dfs, " +
                        "hadoop-streaming, s3-dist-cp, pig, bash and script-runner.jar.",
                )
        }

        test("a log location with \"..\" is refused before anything starts") {
            fun errors(logs: String) =
                fixture.target
                    .preflight(
                        pipeline(
                            listOf(dev.emrys.testing.cluster("a", logUri = logs, location = HERE)),
                            listOf(bash("s", "a", "true")),
                        )
                    ) {
                        true
                    }
                    .filter { it.isError }
                    .map { "${it.code().id()} ${it.what()}" }
            errors("s3://b/x/../y/") shouldContainExactly
                listOf(
                    "E408 The cluster \"a\" writes its logs to s3://b/x/../y/, for which there is " +
                        "no folder on this machine: a part of it is \"..\"."
                )
            errors("s3://b/../../../") shouldHaveSize 1
            errors("s3://b/x..y/\${run:name}/") shouldBe emptyList()
            errors("s3://b") shouldBe emptyList()
        }

        test("a step that this machine cannot start is retried as its policy says") {
            val backoff = Duration.ofMillis(700)
            val spec =
                pipeline(
                    listOf(cluster("a")),
                    listOf(
                        // It makes the folder of the cluster's programs unusable.
                        bash("breaks", "a", "cd ../../.. && rm -rf bin && touch bin"),
                        step(
                            "stuck",
                            "breaks",
                            cluster = "a",
                            retry = retry(3, backoff = Backoff(backoff, 1.0, backoff, 0.0)),
                            args = listOf("bash", "-c", "true"),
                            location = HERE,
                        ),
                    ),
                )
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.start(spec, "", {})
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.FAILED
                val feed = engine.runs().replay(handle.id())
                val changes = generateSequence {
                    feed.next().ifEmpty { null }
                }
                    .flatten()
                    .filter { it.task() == "stuck" }
                    .toList()
                fun times(kind: RunChange.Kind) =
                    changes.filter { it.kind() == kind }.map { it.at() }
                val failed = times(RunChange.Kind.ATTEMPT_FAILED)
                val submitted = times(RunChange.Kind.SUBMITTING)
                failed shouldHaveSize 3
                submitted.drop(1).zip(failed).forEach { (next, before) ->
                    Duration.between(before, next) shouldBeGreaterThanOrEqualTo backoff
                }
                val stuck = engine.runs().view(handle.id()).task("stuck").get()
                stuck.reason().orEmpty() shouldContain "The step could not be started"
                Files.exists(java.nio.file.Path.of(stuck.log()!!)) shouldBe true
            }
        }
    })

private val LOGICAL =
    LogicalTime(
        LocalDate.parse("2026-04-25"),
        Instant.parse("2026-04-25T03:00:00Z"),
        "UTC",
        Instant.parse("2026-04-24T03:00:00Z"),
    )
