package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun order(block: PipelineScope.() -> Unit): Map<String, List<String>> = specOf {
    pipeline("p", block)
}
    .steps()
    .associate { it.name() to it.after() }

private fun PipelineScope.clusterNamed(name: String, concurrency: Int = 1): ClusterHandle =
    cluster(name) {
        stepConcurrency = concurrency
        instances { primary("m6g.xlarge") }
    }

private fun ClusterHandle.date(name: String, vararg after: StepHandle): StepHandle =
    step(name) {
        bash("date")
        after(after.asList())
    }

class OrderTest :
    FunSpec({
        test("each step of a cluster's sequence is after the one above") {
            order {
                val c = clusterNamed("c")
                c.date("before")
                c.sequence {
                    date("a")
                    date("b")
                    date("c")
                }
                c.date("outside")
            } shouldContainExactly
                mapOf(
                    "before" to listOf(),
                    "a" to listOf(),
                    "b" to listOf("a"),
                    "c" to listOf("b"),
                    "outside" to listOf(),
                )
        }

        test("a step may be after several lists") {
            order {
                    val c = clusterNamed("c", concurrency = 2)
                    val (xs, ys) = listOf("x", "y").map { name -> List(2) { c.date("$name$it") } }
                    c.step("last") {
                        bash("date")
                        after(xs, ys)
                    }
                }
                .getValue("last") shouldContainExactly listOf("x0", "x1", "y0", "y1")
        }

        test("a pipeline's sequence goes over clusters and into functions") {
            order {
                val one = clusterNamed("one")
                val two = clusterNamed("two")
                fun pair(cluster: ClusterHandle, name: String) {
                    cluster.date("$name-1")
                    cluster.date("$name-2")
                }
                sequence {
                    one.date("a")
                    pair(two, "b")
                    one.date("c")
                }
            } shouldContainExactly
                mapOf(
                    "a" to listOf(),
                    "b-1" to listOf("a"),
                    "b-2" to listOf("b-1"),
                    "c" to listOf("b-2"),
                )
        }

        test("a sequence inside a sequence continues the outer one, also when it is empty") {
            order {
                val one = clusterNamed("one")
                val two = clusterNamed("two")
                sequence {
                    one.date("a")
                    two.sequence {
                        date("b")
                        date("c")
                    }
                    sequence {}
                    one.date("d")
                }
            } shouldContainExactly
                mapOf(
                    "a" to listOf(),
                    "b" to listOf("a"),
                    "c" to listOf("b"),
                    "d" to listOf("c"),
                )
        }

        test("after adds to a sequence, and takes the steps that a sequence returns") {
            order {
                val c = clusterNamed("c")
                val free = c.date("free")
                val chain = c.sequence {
                    date("a")
                    date("b", free)
                }
                chain.map { it.name } shouldContainExactly listOf("a", "b")
                c.step("last") {
                    bash("date")
                    after(chain)
                    after(emptyList())
                }
            } shouldContainExactly
                mapOf(
                    "free" to listOf(),
                    "a" to listOf(),
                    "b" to listOf("a", "free"),
                    "last" to listOf("a", "b"),
                )
        }

        test("a block that throws does not leave its sequence open") {
            order {
                val c = clusterNamed("c")
                try {
                    c.sequence {
                        date("a")
                        error("stop")
                    }
                } catch (_: IllegalStateException) {}
                c.date("b")
            } shouldContainExactly mapOf("a" to listOf(), "b" to listOf())
        }

        test("unordered steps on a cluster of concurrency 1 get one warning per cluster") {
            val evaluated = evaluate {
                pipeline("p") {
                    val c = clusterNamed("c")
                    c.date("a")
                    c.date("b")
                    c.date("d")
                }
            }
            val warning = evaluated.warnings().single()
            warning.location() shouldBe evaluated.spec!!.steps()[1].location()
            warning.told() shouldBe
                "The cluster \"c\" runs one step at a time, and no order is declared between its steps \"a\" and \"b\". | " +
                    "Without an order a step runs even when the one above it failed. " +
                    "Write sequence { … } around them when each needs the one before, or set stepConcurrency " +
                    "when they are independent."
        }

        test("steps that have an order, or may run at the same time, get no warning") {
            evaluate {
                pipeline("p") {
                    val c = clusterNamed("c")
                    val other = clusterNamed("other", concurrency = 2)
                    val a = c.date("a")
                    val x = other.date("x", a)
                    other.date("y")
                    // Its path to "a" leads over the other cluster.
                    val b = c.date("b", x)
                    c.date("d", b, a)
                }
            }
                .warnings()
                .shouldBeEmpty()
        }

        test("a diamond on one cluster of concurrency 1 has two unordered steps") {
            evaluate {
                pipeline("p") {
                    val c = clusterNamed("c")
                    val a = c.date("a")
                    val b = c.date("b", a)
                    val d = c.date("d", a)
                    c.date("e", b, d)
                }
            }
                .warnings()
                .single()
                .what() shouldBe
                "The cluster \"c\" runs one step at a time, and no order is declared between its steps \"b\" and \"d\"."
        }
    })
