package dev.emrys.language

import dev.emrys.spec.Backoff
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration as JavaDuration
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class DefaultsTest :
    FunSpec({
        test("retry takes the number of attempts, and a block for the rest") {
            stepOf {
                bash("date")
                retry(5)
            }
                .retry()
                .run { attempts() to backoff() } shouldBe (5 to Backoff.DEFAULT)
            stepOf {
                bash("date")
                retry(4) { backoff = constant(1.seconds) }
            }
                .retry()
                .run { attempts() to backoff().initial() } shouldBe (4 to JavaDuration.ofSeconds(1))
            clusterOf { retry(2) }.retry().attempts() shouldBe 2
            stepOf {
                bash("date")
                retry {}
            }
                .retry()
                .attempts() shouldBe 3
        }

        test("defaults are for every step that says nothing itself, wherever it is declared") {
            val steps = specOf {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("above") { bash("date") }
                    defaults {
                        retry(3)
                        timeout = 2.hours
                    }
                    c.step("below") { bash("date") }
                    c.step("own") {
                        bash("date")
                        retry(1)
                        timeout = 5.minutes
                    }
                    c.step("unlimited") {
                        bash("date")
                        timeout = null
                    }
                }
            }
                .steps()
            steps.map { it.retry().attempts() } shouldContainExactly listOf(3, 3, 1, 3)
            steps.map { it.timeout() } shouldContainExactly
                listOf(
                    JavaDuration.ofHours(2),
                    JavaDuration.ofHours(2),
                    JavaDuration.ofMinutes(5),
                    null,
                )
        }

        test("defaults leave the start of a cluster alone") {
            val spec = specOf {
                pipeline("p") {
                    defaults { retry(3) }
                    cluster("c") { instances { primary("m6g.xlarge") } }.step("s") { bash("date") }
                }
            }
            spec.clusters().single().retry().attempts() shouldBe 1
        }

        test("an error in the defaults is reported once, where they are") {
            val evaluated = evaluate {
                pipeline("p") {
                    defaults { timeout = Duration.INFINITE }
                    val c = cluster("c") {}
                    c.step("a") { bash("date") }
                    c.step("b") { bash("date") }
                }
            }
            evaluated.errors().single().what() shouldBe
                "timeout in defaults { } is Infinity, which exceeds the maximum of 36,500 days."
            evaluated.errors().single().location().line() shouldBe
                evaluated.spec!!.location().line() + 1
        }
    })
