package dev.emrys.spec

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun PipelineSpec.diagnostics(): List<Message> = check().messages()

class PipelineDiagnosticsTest :
    FunSpec({
        test("a valid spec has no diagnostics") { pipeline().diagnostics().shouldBeEmpty() }

        test("a pipeline needs a cluster") {
            pipeline(clusters = listOf(), steps = listOf()).diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(1),
                        "The pipeline \"daily\" has no cluster, so it has nothing to do.",
                        "Add a cluster and a step: val c = cluster(\"c\") { … } and c.step(\"s\") { … }.",
                    )
                )
        }

        test("a cluster needs a step, or it would cost money and do nothing") {
            pipeline(clusters = listOf(cluster(), cluster("idle", line = 4)))
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(4),
                        "The cluster \"idle\" has no step.",
                        "It would cost money and do nothing. Give it one with step(\"…\") { … }, or remove the cluster.",
                    )
                )
        }

        test("the error for two clusters of one name says where the first is") {
            pipeline(clusters = listOf(cluster(line = 2), cluster(line = 4)))
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(4),
                        "There are two clusters named \"etl\".",
                        "The first is at daily.emr.kts:2: rename one of them.",
                    )
                )
        }

        test("the error for two steps of one name says where the first is") {
            pipeline(steps = listOf(step(line = 5), step(line = 9)))
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(9),
                        "There are two steps named \"count\".",
                        "The first is at daily.emr.kts:5: rename one of them.",
                    )
                )
        }

        test("the error for two steps of one name shows the call that declared the first") {
            val first =
                step().run {
                    StepSpec(
                        name(),
                        cluster(),
                        kind(),
                        jarStep(),
                        after(),
                        retry(),
                        timeout(),
                        SourceLocation("daily.emr.kts", 2, 0, at(8)),
                    )
                }
            pipeline(steps = listOf(first, step(line = 9))).diagnostics().single().advice shouldBe
                "The first is at daily.emr.kts:2, called from daily.emr.kts:8: rename one of them."
        }

        test("a step needs a cluster of the same pipeline") {
            pipeline(steps = listOf(step(), step("lost", cluster = "elt", line = 7)))
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(7),
                        "The step \"lost\" is for a cluster \"elt\" that does not exist.",
                        "Declare the cluster in the same pipeline.",
                    )
                )
        }

        test("every name must be there") {
            pipeline(
                    name = "",
                    clusters = listOf(cluster("")),
                    steps = listOf(step("", cluster = "")),
                )
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(1),
                        "The pipeline has an empty name.",
                        "Give it a name, such as \"pipeline-1\".",
                    ),
                    Message(
                        at(2),
                        "The cluster has an empty name.",
                        "Give it a name, such as \"cluster-1\".",
                    ),
                    Message(
                        at(5),
                        "The step has an empty name.",
                        "Give it a name, such as \"step-1\".",
                    ),
                )
        }

        test("a name leaves space for the key of the attempt") {
            val longest = "a".repeat(180)
            pipeline(clusters = listOf(cluster(longest)), steps = listOf(step(cluster = longest)))
                .diagnostics()
                .shouldBeEmpty()
            pipeline(steps = listOf(step("b".repeat(181)))).diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The name of the step \"bbbbbbbbbbbbbbbbbbbb…\" has 181 characters.",
                        "EMR takes 256, and Emrys appends the key of the attempt. Write at most 180.",
                    )
                )
        }

        listOf("-first", " first", "last ", "a:b", "a/b", "a\nb", "a\"b").forEach { bad ->
            test(
                "the name ${bad.replace("\n", "\\n").replace(":", "(colon)")} has characters that a name cannot have"
            ) {
                pipeline(steps = listOf(step(bad))).diagnostics() shouldContainExactly
                    listOf(
                        Message(
                            at(5),
                            "The step name \"$bad\" has characters that a name cannot have.",
                            "Begin with a letter or a digit and use letters, digits, spaces, '.', '_' and '-'.",
                        )
                    )
            }
        }

        test("names may be of any script") {
            pipeline(steps = listOf(step("räw 1.2_b-c"), step("数据"), step("7")))
                .diagnostics()
                .shouldBeEmpty()
        }

        test("a step does not wait longer for its retry than its idle cluster waits for it") {
            fun waiting(attempts: Int) =
                pipeline(
                        clusters = listOf(cluster(idle = Duration.ofMinutes(5))),
                        steps =
                            listOf(
                                step(
                                    retry =
                                        RetryPolicy(
                                            attempts,
                                            Backoff(
                                                Duration.ofMinutes(2),
                                                2.0,
                                                Duration.ofMinutes(30),
                                                0.25,
                                            ),
                                            RetryPolicy.RETRYABLE,
                                        )
                                )
                            ),
                    )
                    .diagnostics()
            waiting(2).shouldBeEmpty()
            waiting(3) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The step \"count\" may wait 5 min before it is retried, and its cluster \"etl\" ends itself when it is idle for 5 min.",
                        "That retry could never run. Write a longer idleTimeout for the cluster, or a shorter backoff for the step.",
                    )
                )
        }

        test("a timeout is at least a second") {
            pipeline(steps = listOf(step(timeout = Duration.ofSeconds(1))))
                .diagnostics()
                .shouldBeEmpty()
            pipeline(steps = listOf(step(timeout = Duration.ofMillis(999))))
                .diagnostics() shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The step \"count\" has a timeout of 999 ms.",
                        "Write at least 1.seconds, or leave it out for no limit.",
                    )
                )
        }

        test("all errors are found at once, in the order of the script, and none twice") {
            val spec =
                pipeline(
                    name = "",
                    clusters =
                        listOf(
                            cluster("b", line = 8, release = "7.8.0", stepConcurrency = 0),
                            cluster("a", line = 3),
                        ),
                    steps =
                        listOf(
                            step("s", "b", line = 9, jar = jar("")),
                            step("t", "a", line = 5, jar = jar("", listOf("\u0000", "\u0000"))),
                        ),
                )
            spec.diagnostics().map { it.location.line() } shouldContainExactly
                listOf(1, 5, 5, 8, 8, 9)
            val thrown = shouldThrow<InvalidSpecException> { spec.check().throwIfAny() }
            thrown.diagnostics() shouldContainExactly spec.check().all()
            thrown.message shouldBe spec.check().all().joinToString("\n")
        }

        test("diagnostics of several files are in the order of file, line and column") {
            val diagnostics = Diagnostics()
            fun found(file: String, line: Int, column: Int) =
                diagnostics.add(ScriptCode.NO_PIPELINE, SourceLocation(file, line, column))
            found("b.kts", 1, 0)
            found("a.kts", 10, 2)
            found("a.kts", 10, 1)
            found("a.kts", 9, 0)
            diagnostics.all().map { "${it.location()}" } shouldContainExactly
                listOf("a.kts:9", "a.kts:10:1", "a.kts:10:2", "b.kts:1")
        }

        test("a diagnostic reads as location, severity, code, sentence and advice") {
            ClusterCode.SPOT_PRICE.at(SourceLocation("a.kts", 3, 7), "cheap").toString() shouldBe
                "a.kts:3:7: error E130: \"cheap\" is not a price.\n" +
                    "    Write US dollars per hour, such as \"0.12\", or leave it out to pay up to the on-demand price."
            HostCode.SCRIPT_UNREADABLE.at(SourceLocation.UNKNOWN, "why").toString() shouldBe
                "error E305: The script cannot be read: why."
        }
    })
