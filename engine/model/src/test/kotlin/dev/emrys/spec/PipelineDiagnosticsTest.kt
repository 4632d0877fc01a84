package dev.emrys.spec

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun PipelineSpec.diagnostics(): List<Diagnostic> = check().all()

class PipelineDiagnosticsTest :
    FunSpec({
        test("a spec without mistakes has none") { pipeline().diagnostics().shouldBeEmpty() }

        test("a pipeline needs a cluster") {
            pipeline(clusters = listOf(), steps = listOf()).diagnostics() shouldContainExactly
                listOf(
                    Diagnostic(
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
                    Diagnostic(
                        at(4),
                        "The cluster \"idle\" has no step.",
                        "Give it one with step(\"…\") { … }, or take the cluster out: it would cost money and do nothing.",
                    )
                )
        }

        test("two clusters of one name are told apart by where the first is") {
            pipeline(clusters = listOf(cluster(line = 2), cluster(line = 4)))
                .diagnostics() shouldContainExactly
                listOf(
                    Diagnostic(
                        at(4),
                        "There are two clusters named \"etl\".",
                        "The first is at daily.emr.kts:2: rename one of them.",
                    )
                )
        }

        test("two steps of one name are told apart by where the first is") {
            pipeline(steps = listOf(step(line = 5), step(line = 9)))
                .diagnostics() shouldContainExactly
                listOf(
                    Diagnostic(
                        at(9),
                        "There are two steps named \"count\".",
                        "The first is at daily.emr.kts:5: rename one of them.",
                    )
                )
        }

        test("a step needs a cluster of the same pipeline") {
            pipeline(steps = listOf(step(), step("lost", cluster = "elt", line = 7)))
                .diagnostics() shouldContainExactly
                listOf(
                    Diagnostic(
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
                    Diagnostic(
                        at(1),
                        "The pipeline has an empty name.",
                        "Give it a name, such as \"pipeline-1\".",
                    ),
                    Diagnostic(
                        at(2),
                        "The cluster has an empty name.",
                        "Give it a name, such as \"cluster-1\".",
                    ),
                    Diagnostic(
                        at(5),
                        "The step has an empty name.",
                        "Give it a name, such as \"step-1\".",
                    ),
                )
        }

        test("a name leaves room for the key of the attempt") {
            val longest = "a".repeat(180)
            pipeline(clusters = listOf(cluster(longest)), steps = listOf(step(cluster = longest)))
                .diagnostics()
                .shouldBeEmpty()
            pipeline(steps = listOf(step("b".repeat(181)))).diagnostics() shouldContainExactly
                listOf(
                    Diagnostic(
                        at(5),
                        "The name of the step \"bbbbbbbbbbbbbbbbbbbb…\" has 181 characters.",
                        "At most 180 are allowed: EMR takes 256, and Emrys appends the key of the attempt.",
                    )
                )
        }

        listOf("-first", " first", "last ", "a:b", "a/b", "a\nb", "a\"b").forEach { bad ->
            test(
                "the name ${bad.replace("\n", "\\n").replace(":", "(colon)")} has characters that a name cannot have"
            ) {
                pipeline(steps = listOf(step(bad))).diagnostics() shouldContainExactly
                    listOf(
                        Diagnostic(
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
                    Diagnostic(
                        at(5),
                        "The step \"count\" may wait 5 min before it is tried again, and its cluster \"etl\" ends itself when it is idle for 5 min.",
                        "Write a longer autoTermination for the cluster, or a shorter backoff for the step.",
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
                    Diagnostic(
                        at(5),
                        "The step \"count\" has a timeout of 999 ms.",
                        "Write at least 1.seconds, or leave it out for no limit.",
                    )
                )
        }

        test("all mistakes are told at once, in the order of the script, and none twice") {
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
            spec.diagnostics().map { it.location().line() } shouldContainExactly
                listOf(1, 5, 5, 8, 8, 9)
            val thrown = shouldThrow<InvalidSpecException> { spec.check().throwIfAny() }
            thrown.diagnostics() shouldContainExactly spec.diagnostics()
            thrown.message shouldBe spec.diagnostics().joinToString("\n")
        }

        test("scripts of several files are told file by file") {
            val diagnostics = Diagnostics()
            diagnostics.add(SourceLocation("b.kts", 1, 0), "b", "")
            diagnostics.add(SourceLocation("a.kts", 10, 0), "a10", "")
            diagnostics.add(SourceLocation("a.kts", 9, 0), "a9", "")
            diagnostics.all().map { it.what() } shouldContainExactly listOf("a9", "a10", "b")
        }

        test("a mistake reads as place, sentence and mend") {
            Diagnostic(SourceLocation("a.kts", 3, 7), "It is wrong.", "Mend it.")
                .toString() shouldBe "a.kts:3:7: It is wrong.\n    Mend it."
            Diagnostic(SourceLocation.UNKNOWN, "It is wrong.", "").toString() shouldBe
                "?: It is wrong."
        }
    })
