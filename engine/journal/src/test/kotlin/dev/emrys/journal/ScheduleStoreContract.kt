package dev.emrys.journal

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.time.Instant
import java.time.LocalDate
import java.time.LocalDateTime
import java.util.Optional
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread

private fun declaration(timing: String = "0 3 * * *") =
    ScheduleRecord.Declaration(
        "daily",
        "/p/daily.emr.kts",
        timing,
        "Europe/Berlin",
        "2025a",
        timing,
    )

private fun schedule(id: String): ScheduleRecord = ScheduleRecord.declared(id, declaration(), noon)

private fun fire(
    schedule: String,
    at: Instant,
    state: FireRecord.State = FireRecord.State.STARTED,
    cause: FireRecord.Cause = FireRecord.Cause.SCHEDULE,
): FireRecord =
    FireRecord(
            schedule,
            at,
            cause,
            LocalDateTime.parse("2026-01-01T13:00"),
            "Europe/Berlin",
            "2025a",
            at.plusMillis(5),
            FireRecord.State.REQUESTED,
            "",
            "shifted",
            "2026-01-01T12:30 2026-01-01T12:45",
            "",
            "process 7",
            noon,
            null,
        )
        .`in`(state, "because", noon.plusSeconds(9))

private fun <T : Any> List<T>.immutable(): ImmutableList<T> = ImmutableList.copyOf(this)

private fun Journal.change(
    record: ScheduleRecord,
    fires: List<FireRecord> = emptyList(),
    events: List<ScheduleEvent> = emptyList(),
): Boolean =
    schedules()
        .apply(
            ImmutableList.of(
                ScheduleChange(record, ImmutableList.copyOf(fires), ImmutableList.copyOf(events))
            )
        )
        .soon()
        .single()

suspend fun FunSpecContainerScope.scheduleStoreContract(newStore: () -> Store) {
    test(
        "a schedule, its fires and its events are read as they were recorded, also by another process"
    ) {
        val store = newStore()
        val first = schedule("daily/main")
        val changed =
            first
                .next()
                .with(declaration("0 4 * * *"))
                .handled(noon.plusNanos(1), LocalDateTime.parse("2026-01-01T13:00"))
                .paused(ScheduleRecord.Pause(noon, "ann", "maintenance"))
                .failed(3)
        val event =
            ScheduleEvent(
                "daily/main",
                noon,
                ScheduleEvent.Type.MISSED,
                "outside-window",
                noon.minusSeconds(60),
                noon,
                61,
                "process 7",
            )
        val paused = ScheduleEvent.of("daily/main", noon, ScheduleEvent.Type.PAUSED, "", "ann")
        val fire = fire("daily/main", noon)
        store.open().use { journal ->
            journal.schedules().schedule("daily/main").shouldBeEmpty()
            journal.change(first) shouldBe true
            journal.change(changed, listOf(fire), listOf(event, paused)) shouldBe true
        }
        store.open().use { journal ->
            val schedules = journal.schedules()
            schedules.schedules() shouldContainExactly listOf(changed)
            schedules.schedule("daily/main").get() shouldBe changed
            schedules.openFires() shouldContainExactly listOf(fire)
            schedules.newestEvents(Optional.empty(), noon.plusNanos(1), 9) shouldContainExactly
                listOf(paused, event)
        }
    }

    test(
        "of two changes that were made from the same record one is recorded, with its fires and events"
    ) {
        val store = newStore()
        store.open().use { one ->
            store.open().use { other ->
                val record = schedule("a")
                one.change(record) shouldBe true
                other.change(record.handled(noon.plusSeconds(1), null)) shouldBe false
                one.change(record.next(), listOf(fire("a", noon))) shouldBe true
                other.change(
                    record.next().failed(1),
                    listOf(fire("a", noon.plusSeconds(1))),
                    listOf(ScheduleEvent.of("a", noon, ScheduleEvent.Type.PAUSED, "", "x")),
                ) shouldBe false
                one.schedules().schedules() shouldContainExactly listOf(record.next())
                one.schedules().openFires() shouldContainExactly listOf(fire("a", noon))
                one.schedules().newestEvents(Optional.empty(), noon.plusSeconds(1), 9).size shouldBe
                    0
            }
        }
    }

    test(
        "a change of one schedule is refused alone, and the answers are in the order of the changes"
    ) {
        newStore().open().use { journal ->
            journal.change(schedule("b"))
            val changes = listOf(schedule("c"), schedule("b"), schedule("a"), schedule("b2").next())
            journal
                .schedules()
                .apply(
                    ImmutableList.copyOf(
                        changes.map {
                            ScheduleChange(
                                it,
                                ImmutableList.of(fire(it.id(), noon)),
                                ImmutableList.of(),
                            )
                        }
                    )
                )
                .soon() shouldContainExactly listOf(true, false, true, false)
            journal.schedules().schedules().map { it.id() } shouldContainExactly
                listOf("a", "b", "c")
            journal.schedules().openFires().map { it.schedule() } shouldContainExactly
                listOf("a", "c")
        }
    }

    test("a change that keeps the declaration records the rest, and leaves that as it is") {
        newStore().open().use { journal ->
            journal.change(schedule("a"))
            val after =
                schedule("a")
                    .next()
                    .handled(noon.plusSeconds(60), LocalDateTime.parse("2026-01-01T13:01"))
                    .paused(ScheduleRecord.Pause(noon, "ann", "maintenance"))
                    .failed(2)
            val change =
                ScheduleChange.ofFires(
                    after.with(declaration("0 4 * * *")),
                    ImmutableList.of(fire("a", noon)),
                    ImmutableList.of(),
                )
            journal.schedules().apply(ImmutableList.of(change)).soon() shouldContainExactly
                listOf(true)
            journal.schedules().schedules() shouldContainExactly listOf(after)
            journal.schedules().apply(ImmutableList.of(change)).soon() shouldContainExactly
                listOf(false)
        }
    }

    test("many fires that are recorded at once are read as they were, whatever they share") {
        newStore().open().use { journal ->
            val ids = (1..600).map { "s%03d".format(it) }
            val records = ids.map { schedule(it) }
            journal
                .schedules()
                .apply(
                    records
                        .map { ScheduleChange(it, ImmutableList.of(), ImmutableList.of()) }
                        .immutable()
                )
                .soon()
            val nominal = LocalDateTime.parse("2026-01-01T13:00")
            // Another process has changed one meanwhile.
            journal.change(schedule("s200").next().failed(7)) shouldBe true
            val refused = setOf("s100", "s200")
            // Some alone, some with few, most with many others.
            val fires = ids.mapIndexed { index, id ->
                when {
                    index % 50 == 0 -> fire(id, noon.plusSeconds(index.toLong()))
                    index % 13 == 0 -> fire(id, noon, FireRecord.State.SKIPPED)
                    else -> fire(id, noon)
                }.`as`("run-$id")
            }
            val changes =
                records.zip(fires) { record, one ->
                    ScheduleChange.ofFires(
                        (if (one.schedule() == "s100") record.next().next() else record.next())
                            .handled(noon.plusSeconds(60), nominal),
                        ImmutableList.of(one),
                        ImmutableList.of(),
                    )
                }
            journal.schedules().apply(changes.immutable()).soon() shouldContainExactly
                ids.map { it !in refused }
            val written = fires.filter { it.schedule() !in refused }
            journal.schedules().schedules() shouldContainExactly
                records.map {
                    when (it.id()) {
                        "s100" -> it
                        "s200" -> it.next().failed(7)
                        else -> it.next().handled(noon.plusSeconds(60), nominal)
                    }
                }
            ids.flatMap {
                journal.schedules().fires(it, noon, noon.plusSeconds(9_999), 9)
            } shouldContainExactly written
            val ended = written.map {
                it.`in`(FireRecord.State.SUCCEEDED, "", noon.plusSeconds(99))
            }
            journal
                .schedules()
                .apply(
                    ended
                        .map {
                            ScheduleChange.ofFires(
                                schedule(it.schedule()).next().next(),
                                ImmutableList.of(it),
                                ImmutableList.of(),
                            )
                        }
                        .immutable()
                )
                .soon()
            ids.flatMap {
                journal.schedules().fires(it, noon, noon.plusSeconds(9_999), 9)
            } shouldContainExactly ended
            journal.schedules().openFires().size shouldBe 0
        }
    }

    test("a fire is one of its schedule, instant and cause, and is open until it has ended") {
        newStore().open().use { journal ->
            var record = schedule("a")
            val later = fire("a", noon.plusSeconds(1))
            val manual = fire("a", noon, cause = FireRecord.Cause.TRIGGER)
            journal.change(record, listOf(fire("a", noon), later, manual))
            journal.schedules().openFires() shouldContainExactly
                listOf(fire("a", noon), manual, later)
            record = record.next()
            val ended =
                fire("a", noon)
                    .`as`("a-run")
                    .`in`(FireRecord.State.FAILED, "exit code 1", noon.plusSeconds(60))
            journal.change(record, listOf(ended))
            journal.schedules().openFires() shouldContainExactly listOf(manual, later)
            journal.schedules().fires("a", noon, noon.plusSeconds(1), 9) shouldContainExactly
                listOf(ended, manual)
        }
    }

    test("fires and events are listed by pages and by schedule, the newest first") {
        newStore().open().use { journal ->
            val times = (0L..4L).map { noon.plusSeconds(it) }
            listOf("a", "b").forEach { id ->
                journal.change(
                    schedule(id),
                    times.map { fire(id, it) },
                    times.map { ScheduleEvent.of(id, it, ScheduleEvent.Type.RESUMED, "", "x") },
                )
            }
            val schedules = journal.schedules()
            schedules.newestFires(Optional.of("b"), times[3], 2).map {
                it.at()
            } shouldContainExactly listOf(times[2], times[1])
            schedules.newestFires(Optional.empty(), times[1], 9).map {
                it.schedule()
            } shouldContainExactly listOf("a", "b")
            schedules.newestEvents(Optional.of("a"), times[3], 2).map {
                it.at()
            } shouldContainExactly listOf(times[2], times[1])
            schedules.newestEvents(Optional.empty(), times[1], 1).map {
                it.schedule()
            } shouldContainExactly listOf("b")
            schedules.fires("b", times[1], times[4], 2).map { it.at() } shouldContainExactly
                listOf(times[1], times[2])
        }
    }

    test("failed fires are listed from an end on, in the order of their ends") {
        newStore().open().use { journal ->
            fun failed(id: String, at: Instant, end: Instant) =
                fire(id, at).`in`(FireRecord.State.FAILED, "exit code 1", end)
            val late = failed("a", noon, noon.plusSeconds(60))
            val early = failed("b", noon.plusSeconds(1), noon.plusSeconds(20))
            val before = failed("b", noon, noon.plusSeconds(19))
            journal.change(
                schedule("a"),
                listOf(
                    late,
                    fire("a", noon.plusSeconds(1)),
                    fire("a", noon.plusSeconds(2), FireRecord.State.SUCCEEDED),
                ),
            )
            journal.change(schedule("b"), listOf(before, early))
            val schedules = journal.schedules()
            schedules.failedFires(noon.plusSeconds(20), 9) shouldContainExactly listOf(early, late)
            schedules.failedFires(noon, 2) shouldContainExactly listOf(early, late)
            schedules.failedFires(noon, 3) shouldContainExactly listOf(before, early, late)
        }
    }

    test("the number of changes grows with each one, of any process") {
        val store = newStore()
        store.open().use { one ->
            store.open().use { other ->
                one.schedules().changes() shouldBe 0
                one.change(schedule("a"))
                other.change(schedule("a").next())
                other.change(schedule("b"))
                one.schedules().changes() shouldBe 3
                other.schedules().changes() shouldBe 3
            }
        }
    }

    test("what a trigger has seen is recorded with its fires, or not at all") {
        val store = newStore()
        val record = schedule("daily/main")
        val one = fire("daily/main", noon, cause = FireRecord.Cause.ARRIVAL)
        val other = fire("daily/main", noon.plusNanos(1_000), cause = FireRecord.Cause.ARRIVAL)
        val run = fire("daily/main", noon, cause = FireRecord.Cause.SUCCESS)
        val logical =
            LogicalTime(
                LocalDate.parse("2026-01-01"),
                noon.plusNanos(1),
                "Europe/Berlin",
                noon.minusSeconds(5),
            )
        val files = (1..1_000).map { "/in/ä $it.csv" }
        fun change(
            consumed: Map<String, String>,
            forgotten: Set<String> = emptySet(),
            problem: String = "",
            inputs: Map<FireRecord, FireInputs> = emptyMap(),
        ) =
            TriggerChange(
                noon,
                problem,
                ImmutableMap.copyOf(consumed),
                ImmutableSet.copyOf(forgotten),
                ImmutableMap.copyOf(inputs),
            )
        fun Journal.trigger(
            record: ScheduleRecord,
            fires: List<FireRecord>,
            change: TriggerChange,
        ) =
            schedules()
                .apply(
                    ImmutableList.of(
                        ScheduleChange(
                            record,
                            ImmutableList.copyOf(fires),
                            ImmutableList.of(),
                            false,
                            change,
                        )
                    )
                )
                .soon()
                .single()
        store.open().use { journal ->
            journal.schedules().triggerState("daily/main").shouldBeEmpty()
            journal.change(record) shouldBe true
            journal.trigger(
                record.next(),
                listOf(one, other, run),
                change(
                    mapOf("a" to "1", "b" to "1", "c" to "1"),
                    inputs =
                        mapOf(
                            one to FireInputs(logical, "", ImmutableList.copyOf(files)),
                            other to FireInputs(logical, "", ImmutableList.of("b")),
                            run to FireInputs(logical, "ingest-1", ImmutableList.of()),
                        ),
                ),
            ) shouldBe true
            // From the same record: another process was faster.
            journal.trigger(record.next(), emptyList(), change(mapOf("d" to "1"))) shouldBe false
        }
        store.open().use { journal ->
            val schedules = journal.schedules()
            schedules.triggerState("daily/main").get() shouldBe
                TriggerState(noon, "", ImmutableMap.of("a", "1", "b", "1", "c", "1"))
            schedules.inputs(one).get() shouldBe
                FireInputs(logical, "", ImmutableList.copyOf(files))
            schedules.inputs(other).get().arrived() shouldContainExactly listOf("b")
            schedules.inputs(run).get() shouldBe FireInputs(logical, "ingest-1", ImmutableList.of())
            schedules.inputs(fire("daily/main", noon)).shouldBeEmpty()
            journal.trigger(
                record.next().next(),
                emptyList(),
                change(mapOf("a" to "2"), setOf("b"), "no right"),
            ) shouldBe true
            schedules.triggerState("daily/main").get() shouldBe
                TriggerState(noon, "no right", ImmutableMap.of("a", "2", "c", "1"))
        }
    }

    test("a message is remembered for its channel, by all processes, however often it is said") {
        val store = newStore()
        store.open().use { one ->
            repeat(2) { one.schedules().sent("failed/a-1", "webhook", noon) }
        }
        store.open().use { other ->
            other.schedules().isSent("failed/a-1", "webhook") shouldBe true
            other.schedules().isSent("failed/a-1", "email") shouldBe false
            other.schedules().isSent("failed/a-2", "webhook") shouldBe false
        }
    }

    test("many changes at once of two processes give each version once") {
        val store = newStore()
        store.open().use { one ->
            val ids = (1..20).map { "s$it" }
            ids.forEach { one.change(schedule(it)) }
            val start = CountDownLatch(1)
            val applied = java.util.concurrent.atomic.AtomicInteger()
            val deciders =
                (1..2).map { number ->
                    thread {
                        store.open().use { journal ->
                            start.await()
                            repeat(10) {
                                val records = journal.schedules().schedules()
                                // In opposite orders, which must not make them wait for each other
                                // for ever.
                                val ordered = if (number == 1) records else records.reversed()
                                val changes = ordered.map {
                                    ScheduleChange(
                                        it.next(),
                                        ImmutableList.of(
                                            fire(it.id(), noon.plusSeconds(it.version()))
                                        ),
                                        ImmutableList.of(),
                                    )
                                }
                                applied.addAndGet(
                                    journal
                                        .schedules()
                                        .apply(ImmutableList.copyOf(changes))
                                        .soon()
                                        .count { it }
                                )
                            }
                        }
                    }
                }
            start.countDown()
            deciders.forEach { it.join() }
            one.schedules().changes() shouldBe applied.get() + 20L
            one.schedules().openFires().size shouldBe applied.get()
        }
    }
}
