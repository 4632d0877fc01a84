package dev.emrys.spec

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration

class BackoffTest :
    FunSpec({
        test("waits grow by the factor up to the longest") {
            val backoff = Backoff(Duration.ofSeconds(30), 2.0, Duration.ofMinutes(10), 0.0)
            (1..7).map { backoff.afterAttempt(it, 0.5).toSeconds() } shouldBe
                listOf<Long>(30, 60, 120, 240, 480, 600, 600)
        }

        test("a factor of one is a constant wait") {
            val backoff = Backoff(Duration.ofSeconds(5), 1.0, Duration.ofMinutes(10), 0.0)
            (1..3).map { backoff.afterAttempt(it, 0.9).toSeconds() } shouldBe listOf<Long>(5, 5, 5)
        }

        test("jitter spreads a wait to both sides, also that of the longest") {
            val backoff = Backoff(Duration.ofSeconds(100), 10.0, Duration.ofSeconds(500), 0.2)
            backoff.afterAttempt(1, 0.0) shouldBe Duration.ofSeconds(80)
            backoff.afterAttempt(1, 0.5) shouldBe Duration.ofSeconds(100)
            backoff.afterAttempt(1, 1.0) shouldBe Duration.ofSeconds(120)
            backoff.afterAttempt(2, 1.0) shouldBe Duration.ofSeconds(600)
        }

        test("the hundredth attempt overflows nothing") {
            Backoff(Duration.ofDays(1), 100.0, Duration.ofDays(2), 0.0)
                .afterAttempt(100, 0.5) shouldBe Duration.ofDays(2)
            Backoff(Duration.ZERO, 100.0, Duration.ofDays(2), 1.0).afterAttempt(100, 1.0) shouldBe
                Duration.ZERO
        }

        test("retries end with the attempts and are only for what on(...) names") {
            val policy = retry(attempts = 3, on = setOf(FailureKind.TIMEOUT))
            policy.retries(2, FailureKind.TIMEOUT) shouldBe true
            policy.retries(3, FailureKind.TIMEOUT) shouldBe false
            policy.retries(1, FailureKind.STEP) shouldBe false
            RetryPolicy.NONE.retries(1, FailureKind.STEP) shouldBe false
        }
    })
