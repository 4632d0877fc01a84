package dev.emrys.aws

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.mockk.every
import io.mockk.mockk
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import software.amazon.awssdk.core.interceptor.Context
import software.amazon.awssdk.core.interceptor.ExecutionAttributes
import software.amazon.awssdk.http.SdkHttpFullResponse

private val NOW = Instant.parse("2026-04-25T03:00:00Z")

class ServiceClockTest :
    FunSpec({
        fun ahead(vararg answers: Pair<Int, String?>): Duration {
            val clock = ServiceClock(InstantSource.fixed(NOW))
            for ((status, date) in answers) {
                val response = SdkHttpFullResponse.builder().statusCode(status)
                date?.let { response.putHeader("Date", it) }
                val context = mockk<Context.AfterTransmission>()
                every { context.httpResponse() } returns response.build()
                clock.afterTransmission(context, ExecutionAttributes())
            }
            return clock.ahead()
        }

        test("an answer of AWS tells by how much its clock is ahead") {
            ahead(200 to "Sat, 25 Apr 2026 03:10:00 GMT") shouldBe Duration.ofMinutes(10)
            ahead(200 to "Fri, 24 Apr 2026 23:00:00 GMT") shouldBe Duration.ofHours(-4)
        }

        test("the newest answer counts, and small differences are none") {
            val wrong = 200 to "Sat, 25 Apr 2026 05:00:00 GMT"
            ahead(wrong, 200 to "Sat, 25 Apr 2026 03:00:04 GMT") shouldBe Duration.ZERO
        }

        test("a failure, and an answer without a time that can be read, tell nothing") {
            ahead(503 to "Sat, 25 Apr 2026 05:00:00 GMT") shouldBe Duration.ZERO
            ahead(200 to "today", 200 to null) shouldBe Duration.ZERO
        }
    })
