package dev.emrys.language

import dev.emrys.spec.WaitSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.Duration.Companion.minutes

class WaitTest :
    FunSpec({
        test("a wait has its duration and its order") {
            val spec = specOf {
                pipeline("p") {
                    val first = wait("first", 10.minutes)
                    wait("second", 1.minutes) { after(first) }
                }
            }
            val (first, second) = spec.tasks().map { it as WaitSpec }
            first.duration() shouldBe Duration.ofMinutes(10)
            second.after() shouldContainExactly listOf("first")
        }

        test("a step may be after a wait, and a wait after a step") {
            val spec = specOf {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    sequence {
                        c.step("a") { bash("date") }
                        wait("pause", 5.minutes)
                        c.step("b") { bash("date") }
                    }
                }
            }
            spec.tasks().associate { it.name() to it.after().toList() } shouldBe
                mapOf("a" to listOf(), "pause" to listOf("a"), "b" to listOf("pause"))
        }
    })
