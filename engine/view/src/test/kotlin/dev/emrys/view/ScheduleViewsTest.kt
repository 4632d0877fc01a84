package dev.emrys.view

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.ScheduleChange
import dev.emrys.journal.ScheduleEvent
import dev.emrys.journal.ScheduleRecord
import dev.emrys.journal.ScheduleStore
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneOffset
import java.util.Optional

internal class ScheduleViewsTest :
    FunSpec({
        test("a schedule has its newest fire, and the fires that have not ended") {
            val store = store()
            store.declare("daily/main")
            store.declare("hourly/main")
            store.record(
                fire("daily/main", NOW, FireRecord.State.SUCCEEDED),
                fire("daily/main", NOW.plus(DAY), FireRecord.State.STARTED),
            )

            val (daily, hourly) = ScheduleViews(store).list()

            daily.id() shouldBe "daily/main"
            daily.pipeline() shouldBe "daily"
            daily.last()!!.at() shouldBe NOW.plus(DAY)
            daily.open().map { it.at() } shouldContainExactly listOf(NOW.plus(DAY))
            hourly.last().shouldBeNull()
            hourly.open().shouldBeEmpty()
        }

        test("what was recorded as an empty text is not there") {
            val store = store()
            store.declare("daily/main")
            store.record(fire("daily/main", NOW, FireRecord.State.SKIPPED, merged = "01:00 02:00"))

            val fire = ScheduleViews(store).history(Optional.empty(), 10).first()

            fire.shouldBeInstanceOf<FireView>()
            fire.reason().shouldBeNull()
            fire.run().shouldBeNull()
            fire.triggeringRun().shouldBeNull()
            fire.merged() shouldContainExactly listOf("01:00", "02:00")
        }

        test("the history mixes fires and other events, the newest first, up to the limit") {
            val store = store()
            store.declare("daily/main")
            store.record(
                fire("daily/main", NOW, FireRecord.State.SUCCEEDED),
                fire("daily/main", NOW.plus(DAY.multipliedBy(2)), FireRecord.State.STARTED),
            )
            store.happened(paused("daily/main", NOW.plus(DAY)))

            val history = ScheduleViews(store).history(Optional.of("daily/main"), 2)

            history.map { it.at() } shouldContainExactly
                listOf(NOW.plus(DAY.multipliedBy(2)), NOW.plus(DAY))
            history[1].shouldBeInstanceOf<ScheduleEventView>().by() shouldBe "anna"
        }

        test("a history is that of the named schedule alone") {
            val store = store()
            store.declare("daily/main")
            store.declare("hourly/main")
            store.record(fire("hourly/main", NOW, FireRecord.State.SUCCEEDED))

            ScheduleViews(store).history(Optional.of("daily/main"), 10).shouldBeEmpty()
            ScheduleViews(store).history(Optional.empty(), 10).size shouldBe 1
        }

        test("a schedule is found by its id, and all of a pipeline by the pipeline's name") {
            val store = store()
            store.declare("daily/main")
            store.declare("daily/weekend")
            store.declare("hourly/main")
            val views = ScheduleViews(store)

            views.find("daily/main") shouldContainExactly listOf("daily/main")
            views.find("daily") shouldContainExactly listOf("daily/main", "daily/weekend")
            views.find("dail").shouldBeEmpty()
            views.ids().size shouldBe 3
        }

        test("a pause tells since when, by whom and why") {
            val store = store()
            store.declare("daily/main")
            store.change("daily/main") {
                it.paused(ScheduleRecord.Pause(NOW, "anna", "the source is down"))
            }

            ScheduleViews(store).list().single().pause() shouldBe
                ScheduleView.Pause(NOW, "anna", "the source is down")
        }
    })

private val DAY: Duration = Duration.ofDays(1)

private fun store(): ScheduleStore = InMemoryJournals().open {}.schedules()

private fun ScheduleStore.declare(id: String) {
    val declaration =
        ScheduleRecord.Declaration(
            id.substringBefore('/'),
            "/pipelines/x.emr.kts",
            "@daily",
            "UTC",
            "",
            id,
        )
    applied(ScheduleChange(ScheduleRecord.declared(id, declaration, NOW), none(), none()))
}

private fun ScheduleStore.record(vararg fires: FireRecord) {
    val id = fires.first().schedule()
    applied(ScheduleChange(schedule(id).get().next(), ImmutableList.copyOf(fires), none()))
}

private fun ScheduleStore.happened(event: ScheduleEvent) =
    applied(
        ScheduleChange(schedule(event.schedule()).get().next(), none(), ImmutableList.of(event))
    )

private fun ScheduleStore.change(id: String, change: (ScheduleRecord) -> ScheduleRecord) =
    applied(ScheduleChange(change(schedule(id).get().next()), none(), none()))

private fun ScheduleStore.applied(change: ScheduleChange) {
    apply(ImmutableList.of(change)).join() shouldBe listOf(true)
}

private fun <T : Any> none(): ImmutableList<T> = ImmutableList.of()

private fun paused(id: String, at: Instant) =
    ScheduleEvent.of(id, at, ScheduleEvent.Type.PAUSED, "", "anna")

private fun fire(id: String, at: Instant, state: FireRecord.State, merged: String = "") =
    FireRecord(
        id,
        at,
        FireRecord.Cause.SCHEDULE,
        LocalDateTime.ofInstant(at, ZoneOffset.UTC),
        "UTC",
        "",
        at,
        state,
        "",
        "",
        merged,
        "",
        "4711@host",
        at,
        if (state.isFinal) at else null,
    )
