package dev.emrys.jobs

import java.math.BigDecimal
import java.time.Duration
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.util.Random

/** Makes the example's raw events, always the same. */
internal object DailyEvents {
    private const val EVENTS = 280
    private val types = listOf("view", "view", "view", "cart", "purchase", "refund")
    private val countries = listOf("BR", "DE", "DE", "FR", "JP", "US")
    private val midnight = OffsetDateTime.of(2026, 4, 25, 0, 0, 0, 0, ZoneOffset.UTC)

    private data class Event(
        val id: Int,
        val ts: OffsetDateTime,
        val user: Int,
        val type: String,
        val amount: BigDecimal?,
        val country: String,
    ) {
        fun json(): String {
            val price = amount?.let { ""","amount":$it""" }.orEmpty()
            return """{"id":"evt-%04d","ts":"%s","user":"user-%03d","type":"%s"%s,"country":"%s"}"""
                .format(id, ts, user, type, price, country)
        }
    }

    fun lines(): List<String> {
        val random = Random(20260425)
        val events = (1..EVENTS).map { event(it, random) }
        val again = (1..12).map { later(events[it * 20], exact = it <= 2) }
        val lines = (events + again).map { it.json() } + malformed
        return lines.shuffled(random)
    }

    private fun event(id: Int, random: Random): Event {
        val type = types[random.nextInt(types.size)]
        val cents = 100 + random.nextInt(50_000)
        val amount =
            if (type == "view" || type == "cart") null else BigDecimal(cents).movePointLeft(2)
        return Event(
            id,
            moment(id, random),
            1 + random.nextInt(40),
            type,
            amount,
            countries[random.nextInt(countries.size)],
        )
    }

    /** A few are just outside of the day in UTC; every seventh has another offset. */
    private fun moment(id: Int, random: Random): OffsetDateTime {
        val inDay = midnight.plusSeconds(60L + random.nextInt(86_280))
        val ts =
            when (id) {
                5,
                6,
                7 -> midnight.minusSeconds(id.toLong())
                21 -> midnight.minusMinutes(30)
                8,
                9,
                10 -> midnight.plusDays(1).plusSeconds(id - 8L)
                else -> inDay
            }
        return if (id % 7 == 0) ts.withOffsetSameInstant(ZoneOffset.ofHours(2)) else ts
    }

    private fun later(event: Event, exact: Boolean): Event =
        event.copy(
            ts = if (exact) event.ts else event.ts.plus(Duration.ofSeconds(5)),
            amount = BigDecimal("9.99"),
            type = "purchase",
        )

    private val malformed =
        listOf(
            """{"id":"evt-9001","ts":"2026-04-25T10:00:00Z","user":"user-001","ty""",
            "2026-04-25 10:00:00 INFO event received",
            """{"ts":"2026-04-25T10:00:00Z","user":"user-001","type":"view","country":"DE"}""",
            """{"id":"evt-9004","ts":"2026-04-31T10:00:00Z","user":"user-001","type":"view","country":"DE"}""",
            """{"id":"evt-9005","ts":"2026-04-25T10:00:00Z","user":"user-001","type":"purchase","amount":"ten","country":"DE"}""",
            """{"id":"evt-9006","ts":"2026-04-25T10:00:00Z","user":"user-001","type":"purchase","amount":1.005,"country":"DE"}""",
            """{"id":"evt-9007","ts":"1970-01-01T00:00:00Z","user":"user-001","type":"view","country":"DE"}""",
            "{}",
        )
}
