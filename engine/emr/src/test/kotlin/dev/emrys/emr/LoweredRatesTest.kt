package dev.emrys.emr

import dev.emrys.emr.ApiBudget.Priority
import dev.emrys.emr.EmrOperation.LIST_STEPS
import dev.emrys.journal.InMemoryJournals
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import software.amazon.awssdk.services.emr.model.EmrException

/** A process that always has calls of ListSteps waiting, and repeats what was throttled. */
private class Busy(
    private val time: ManualTime,
    private val quota: QuotaClient,
    shared: SharedBudget? = null,
) {
    val budget = ApiBudget(Quotas.EMR_DEFAULT, time, time, shared, "1234/eu-west-1")

    init {
        repeat(3) { next() }
    }

    private fun next() {
        budget.acquire(LIST_STEPS, Priority.STATUS) {
            try {
                quota("ListSteps")
            } catch (_: EmrException) {
                budget.throttled(LIST_STEPS)
            }
            time.execute { next() }
        }
    }
}

private class Account(val quota: QuotaClient) {
    private var calls = 0
    private var throttles = 0

    /** The calls that were granted and those that were throttled since the last time. */
    fun since(): Pair<Int, Int> {
        val granted = quota.calls["ListSteps"] ?: 0
        val all = granted - calls to quota.throttles.size - throttles
        calls = granted
        throttles = quota.throttles.size
        return all
    }
}

private fun told(what: String, calls: Pair<Int, Int>): Double {
    val share = calls.second.toDouble() / (calls.first + calls.second)
    println("$what: ${calls.first} calls, ${calls.second} throttles (%.1f %%)".format(100 * share))
    return share
}

class LoweredRatesTest :
    FunSpec({
        val start = SUBMIT_TIME

        test("each throttle halves the share, down to a sixteenth") {
            val rates = LoweredRates()
            rates.share(LIST_STEPS, start) shouldBe 1.0
            val shares =
                (0L until 6L).map {
                    rates.throttled(LIST_STEPS, start.plusSeconds(5 * it))
                    rates.share(LIST_STEPS, start.plusSeconds(5 * it))
                }
            shares.first() shouldBe 0.5
            shares[1] shouldBe (0.25 plusOrMinus 0.01)
            shares.last() shouldBe 1.0 / 16
            rates.share(EmrOperation.DESCRIBE_STEP, start) shouldBe 1.0
        }

        test("throttles of calls that were under way together count once") {
            val rates = LoweredRates()
            repeat(4) { rates.throttled(LIST_STEPS, start.plusSeconds(it.toLong())) }
            rates.share(LIST_STEPS, start.plusSeconds(4)) shouldBeGreaterThan 0.5
        }

        test("each minute without a throttle adds a sixteenth of the quota") {
            val rates = LoweredRates()
            rates.throttled(LIST_STEPS, start)
            rates.share(LIST_STEPS, start.plus(minutes(2))) shouldBe 0.625
            rates.share(LIST_STEPS, start.plus(minutes(7))) shouldBe 0.9375
            rates.share(LIST_STEPS, start.plus(minutes(8))) shouldBe 1.0
        }

        test("a clock that is set back does not stop the rise") {
            val rates = LoweredRates()
            rates.throttled(LIST_STEPS, start)
            rates.share(LIST_STEPS, start.minusSeconds(3600)) shouldBe 0.5
            rates.share(LIST_STEPS, start.minusSeconds(3600 - 480)) shouldBe 1.0
        }

        for (kind in listOf("alone", "with leased tokens")) {
            test(
                "an account with a quarter of the quota throttles few calls, and its quota is used when it is back, $kind"
            ) {
                val time = ManualTime()
                val quota = QuotaClient(time)
                val account = Account(quota)
                quota.share = 0.25
                val shared =
                    if (kind == "alone") null else JournalTokens(InMemoryJournals(time), time)
                val process = Busy(time, quota, shared)
                time.pass(minutes(30))
                account.since()
                time.pass(minutes(120))
                val quarter = account.since()
                // 900 calls would be all that the account grants.
                told("a quarter of the quota, $kind", quarter) shouldBeLessThan 0.1
                quarter.first shouldBeGreaterThan 600

                quota.share = 1.0
                time.pass(minutes(15))
                account.since()
                process.budget.perSecond(LIST_STEPS) shouldBe 0.5
                time.pass(minutes(60))
                val whole = account.since()
                told("the whole quota again, $kind", whole) shouldBe 0.0
                whole.first.toDouble().shouldBeBetween(1700.0, 1801.0, 0.0)
            }
        }
    })
