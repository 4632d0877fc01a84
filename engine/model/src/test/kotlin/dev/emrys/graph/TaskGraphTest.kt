package dev.emrys.graph

import com.google.common.primitives.ImmutableIntArray
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.Message
import dev.emrys.spec.at
import dev.emrys.spec.cluster
import dev.emrys.spec.pipeline
import dev.emrys.spec.step
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch

private fun TaskGraph.names(indexes: ImmutableIntArray): List<String> =
    indexes.asList().map { task(it).id() }

private fun TaskGraph.upstream(id: String): List<String> =
    upstream(indexOf(id)).map { "${task(it.upstream()).id()} ${it.rule()}" }

private fun TaskGraph.downstream(id: String): List<String> =
    downstream(indexOf(id)).map { "${task(it.downstream()).id()} ${it.rule()}" }

private fun TaskGraph.steps(): List<String> = names(order()).filterNot { ':' in it }

/** Two clusters; a diamond over both of them, written bottom up. */
private fun diamond(): TaskGraph =
    TaskGraph.compile(
        pipeline(
            clusters = listOf(cluster("one", line = 2), cluster("two", line = 3)),
            steps =
                listOf(
                    step("bottom", "two", line = 4, after = listOf("left", "right")),
                    step("left", "one", line = 5, after = listOf("top")),
                    step("right", "two", line = 6, after = listOf("top")),
                    step("top", "one", line = 7),
                ),
        )
    )

class TaskGraphTest :
    FunSpec({
        test("tasks are in the order of the script: per cluster its start, its steps, its end") {
            diamond().tasks().map { it.id() } shouldContainExactly
                listOf(
                    "start:one",
                    "left",
                    "top",
                    "end:one",
                    "start:two",
                    "bottom",
                    "right",
                    "end:two",
                )
        }

        test("a task is found by its id, and an unknown id is not") {
            val graph = diamond()
            graph.tasks().forEachIndexed { index, task ->
                graph.indexOf(task.id()) shouldBe index
                graph.task(index) shouldBe task
            }
            graph.size() shouldBe 8
            graph.indexOf("unknown") shouldBe -1
        }

        test("edges are known from both ends, also those of the start and the end of a cluster") {
            val graph = diamond()
            graph.upstream("bottom") shouldContainExactly
                listOf("start:two ALL_SUCCESS", "left ALL_SUCCESS", "right ALL_SUCCESS")
            graph.upstream("left") shouldContainExactly
                listOf("start:one ALL_SUCCESS", "top ALL_SUCCESS")
            graph.downstream("top") shouldContainExactly
                listOf("end:one ALL_DONE", "left ALL_SUCCESS", "right ALL_SUCCESS")
            graph.upstream("start:two") shouldContainExactly listOf()
            graph.downstream("start:two") shouldContainExactly
                listOf("bottom ALL_SUCCESS", "right ALL_SUCCESS", "end:two ALL_DONE")
            graph.upstream("end:two") shouldContainExactly
                listOf("bottom ALL_DONE", "right ALL_DONE", "start:two ALL_DONE")
            graph.downstream("end:two") shouldContainExactly listOf()
        }

        test("every task knows its scope") {
            val graph = diamond()
            listOf("start:one", "left", "top", "end:one").forEach {
                val one = graph.scope(graph.indexOf(it))!!
                graph.task(one.acquire()).id() shouldBe "start:one"
                graph.task(one.release()).id() shouldBe "end:one"
                graph.names(one.members()) shouldContainExactly listOf("left", "top")
                one.capacity() shouldBe 256
            }
            graph.scopes().keys.toList() shouldContainExactly listOf("one", "two")
        }

        test(
            "the order of the steps puts each after what it waits for, otherwise as the script has them"
        ) {
            diamond().steps() shouldContainExactly listOf("top", "left", "right", "bottom")
            TaskGraph.compile(pipeline(steps = listOf(step("c"), step("a"), step("b"))))
                .steps() shouldContainExactly listOf("c", "a", "b")
        }

        test("a name that is twice in after(...) is one edge") {
            val graph =
                TaskGraph.compile(
                    pipeline(steps = listOf(step("a"), step("b", after = listOf("a", "a"))))
                )
            graph.upstream("b") shouldContainExactly
                listOf("start:etl ALL_SUCCESS", "a ALL_SUCCESS")
            graph.downstream("a") shouldContainExactly listOf("end:etl ALL_DONE", "b ALL_SUCCESS")
        }

        test("a step may be written before the one it waits for") {
            TaskGraph.compile(pipeline(steps = listOf(step("b", after = listOf("a")), step("a"))))
                .steps() shouldContainExactly listOf("a", "b")
        }

        test("a step is not after what does not exist") {
            val spec =
                pipeline(
                    steps = listOf(step("a"), step("b", line = 9, after = listOf("a", "x", "y")))
                )
            shouldThrow<InvalidSpecException> { TaskGraph.compile(spec) }
                .diagnostics()
                .map(::Message) shouldContainExactly
                listOf("x", "y").map {
                    Message(
                        at(9),
                        "The step \"b\" is after \"$it\", which does not exist.",
                        "Name a task of this pipeline.",
                    )
                }
        }

        listOf("start:etl", "end:etl").forEach { name ->
            test("a step is not after a cluster's task such as ${name.replace(':', ' ')}") {
                val spec = pipeline(steps = listOf(step("a", line = 9, after = listOf(name))))
                shouldThrow<InvalidSpecException> { TaskGraph.compile(spec) }
                    .diagnostics()
                    .map(::Message) shouldContainExactly
                    listOf(
                        Message(
                            at(9),
                            "The step \"a\" is after \"$name\", which does not exist.",
                            "Name a task of this pipeline.",
                        )
                    )
            }
        }

        test("the errors of the spec and of the graph are reported together") {
            val spec =
                pipeline(
                    steps =
                        listOf(step("a", line = 9, after = listOf("a")), step("b", "elt", line = 6))
                )
            shouldThrow<InvalidSpecException> { TaskGraph.compile(spec) }
                .diagnostics()
                .map { it.location().line() } shouldContainExactly listOf(6, 9)
        }

        test("a hundred thousand steps in one chain have an order") {
            val count = 100_000
            val steps =
                (0 until count).map {
                    step("s$it", after = if (it == 0) listOf() else listOf("s${it - 1}"))
                }
            val graph = TaskGraph.compile(pipeline(steps = steps.reversed()))
            // Not shouldContainExactly: its account of a difference is quadratic.
            (graph.steps() == (0 until count).map { "s$it" }) shouldBe true
        }

        test("short ids are sixteen hexadecimal characters, stable and different") {
            val ids = diamond().tasks().map { it.shortId() }
            ids.forEach { it shouldMatch "[0-9a-f]{16}" }
            ids.toSet() shouldHaveSize 8
            // The beginning of sha256("top"): keys in EMR's lists are made of it, so it must never
            // change.
            diamond().task(diamond().indexOf("top")).shortId() shouldBe "28720365c5e7476a"
            // Eight characters are the same for these two.
            val twins =
                TaskGraph.compile(
                    pipeline(steps = listOf(step("step-4133"), step("step-72107", line = 6)))
                )
            twins.tasks().map { it.shortId() }.toSet() shouldHaveSize 4
        }

        test("a cluster's end is never retried, whatever the retry of its start") {
            val graph =
                TaskGraph.compile(
                    pipeline(clusters = listOf(cluster(retry = dev.emrys.spec.retry(attempts = 5))))
                )
            graph.task(graph.indexOf("start:etl")).retry().attempts() shouldBe 5
            graph.task(graph.indexOf("end:etl")).retry().attempts() shouldBe 1
            graph.tasks().map { it.scope() }.toSet() shouldBe setOf("etl")
        }
    })

class CyclesTest :
    FunSpec({
        fun diagnostics(vararg edges: Pair<String, List<String>>): List<Message> {
            val steps = edges.mapIndexed { index, (name, after) ->
                step(name, line = 10 + index, after = after)
            }
            return shouldThrow<InvalidSpecException> { TaskGraph.compile(pipeline(steps = steps)) }
                .diagnostics()
                .map(::Message)
        }

        fun cycle(line: Int, path: String) =
            Message(
                at(line),
                "The tasks wait for each other in a cycle: $path.",
                "None of the tasks could ever start. Remove one of these after(…).",
            )

        test("a step that waits for itself is refused") {
            diagnostics("a" to listOf("a")) shouldContainExactly listOf(cycle(10, "a → a"))
        }

        test(
            "two steps that wait for each other are refused, named in the order in which they would run"
        ) {
            diagnostics("a" to listOf("b"), "b" to listOf("a")) shouldContainExactly
                listOf(cycle(10, "a → b → a"))
        }

        test("the path leads from upstream to downstream") {
            diagnostics(
                "a" to listOf("c"),
                "b" to listOf("a"),
                "c" to listOf("b"),
            ) shouldContainExactly listOf(cycle(10, "a → b → c → a"))
        }

        test("two cycles are two errors, and a step that only waits for a cycle is none") {
            diagnostics(
                "a" to listOf("b"),
                "b" to listOf("a"),
                "free" to listOf(),
                "waits" to listOf("a", "free"),
                "x" to listOf("x"),
            ) shouldContainExactly listOf(cycle(10, "a → b → a"), cycle(14, "x → x"))
        }

        test("two cycles through one step are two errors") {
            diagnostics(
                "a" to listOf("b", "c"),
                "b" to listOf("a"),
                "c" to listOf("a"),
            ) shouldContainExactly listOf(cycle(10, "a → b → a"), cycle(10, "a → c → a"))
        }

        test(
            "a cycle of a hundred thousand steps is refused with a short message and without a deep stack"
        ) {
            val count = 100_000
            val steps =
                (0 until count).map {
                    step("s$it", line = it + 1, after = listOf("s${(it + count - 1) % count}"))
                }
            val found =
                shouldThrow<InvalidSpecException> { TaskGraph.compile(pipeline(steps = steps)) }
                    .diagnostics()
            found shouldHaveSize 1
            found[0].location() shouldBe at(1)
            found[0].what().length shouldBeLessThan 300
            found[0].what() shouldBe
                "The tasks wait for each other in a cycle: s0 → s1 → s2 → s3 → s4 → … 99990 more … → s99995 → s99996 " +
                    "→ s99997 → s99998 → s99999 → s0."
        }
    })
