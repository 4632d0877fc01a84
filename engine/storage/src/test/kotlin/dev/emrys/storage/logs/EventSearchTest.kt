package dev.emrys.storage.logs

import com.google.common.collect.ImmutableList
import dev.emrys.testing.SettableTime
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.random.Random

/** A search over files of random events, compared with one that sorts all events in memory. */
class EventSearchTest :
    FunSpec({
        fun pages(
            streams: ImmutableList<LogStream>,
            query: EventSearch.Query,
            readBytes: Long,
        ): List<List<StoredEvent>> {
            val pages = mutableListOf<List<StoredEvent>>()
            var after = query.after()
            do {
                val next =
                    EventSearch.Query(
                        after,
                        query.start(),
                        query.end(),
                        query.limit(),
                        query.backwards(),
                        query.filter(),
                    )
                val page = EventSearch(next, readBytes).search(streams)
                pages += page.events()
                after = page.next().orElse(null)
                pages.size shouldBeLessThan 5000
            } while (after != null)
            return pages
        }

        test("pages have all events once, in the order of time, whatever the order in the files") {
            repeat(10) { seed ->
                withClue("seed $seed") {
                    val random = Random(seed)
                    val folder = temporaryFolder("emrys-logs")
                    val groups = LogGroups(folder, SettableTime())
                    val written = mutableListOf<Pair<Long, String>>()
                    repeat(random.nextInt(1, 30)) { batch ->
                        val events =
                            List(random.nextInt(1, 60)) {
                                    val text = "x".repeat(random.nextInt(0, 4000))
                                    random.nextLong(1000) to "$batch.$it $text"
                                }
                                .sortedBy { it.first }
                        written += events
                        groups.add(
                            "g",
                            "s${random.nextInt(3)}",
                            ImmutableList.copyOf(events.map { LogEvent(it.first, it.second) }),
                        )
                    }
                    val again = if (seed % 2 == 0) groups else LogGroups(folder, SettableTime())
                    val streams = again.group("g").streams("", 0)
                    val start = random.nextLong(500)
                    val end = start + random.nextLong(700)
                    val query = { backwards: Boolean, limit: Int ->
                        EventSearch.Query(null, start, end, limit, backwards) {
                            it.first() != '1'
                        }
                    }
                    val expected = written.filter {
                        it.first in start until end && it.second[0] != '1'
                    }
                    val limit = random.nextInt(20, 200)
                    val readBytes = random.nextLong(200_000)
                    val forward = pages(streams, query(false, limit), readBytes)
                    forward.forEach { it.size shouldBeLessThanOrEqual limit }
                    val found = forward.flatten()
                    found.map { it.timestamp() } shouldContainExactly
                        expected.map { it.first }.sorted()
                    found.map { it.message() }.sorted() shouldContainExactly
                        expected.map { it.second }.sorted()
                    val backward = pages(streams, query(true, limit), Long.MAX_VALUE)
                    backward.reversed().flatten().map { it.position() } shouldContainExactly
                        found.map { it.position() }
                }
            }
        }

        test("an answer has at most 1 MiB of messages, and the next one goes on") {
            val groups = LogGroups(temporaryFolder("emrys-logs"), SettableTime())
            val events = List(5) { LogEvent(it.toLong(), "$it".repeat(400_000)) }
            groups.add("g", "s", ImmutableList.copyOf(events))
            val query = EventSearch.Query(null, 0, 100, 10_000, false) { true }
            val streams = groups.group("g").streams("", 0)
            pages(streams, query, Long.MAX_VALUE).map { page ->
                page.map { it.timestamp() }
            } shouldBe listOf(listOf(0L, 1L), listOf(2L, 3L), listOf(4L))
        }
    })
