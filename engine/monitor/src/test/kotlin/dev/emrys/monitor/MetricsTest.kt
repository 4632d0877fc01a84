package dev.emrys.monitor

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.Optional

private class SettableFigures : DaemonFigures {
    var tick: Optional<Duration> = Optional.empty()
    var next: Optional<Duration> = Optional.empty()
    var queued: () -> Int = { 7 }

    override fun schedules() = 10_000

    override fun runsDriven() = 3

    override fun runsQueued() = queued()

    override fun brokenScripts() = 1

    override fun sinceLastTick(): Optional<Duration> = tick

    override fun untilNextFire(): Optional<Duration> = next
}

private val SAMPLE =
    Regex("""[a-z_][a-z0-9_]*(\{([a-z_]+="[^"\\\n]*",?)*\})? (-?[0-9.]+(E-?[0-9]+)?|NaN|[+-]Inf)""")

private class Scraped(endpoint: Endpoint, accept: String? = null) {
    val answer =
        endpoint.send("/metrics", headers = accept?.let { mapOf("Accept" to it) } ?: mapOf())
    val type: String = answer.headers().firstValue("content-type").get()
    val lines: List<String> = answer.body().lines().filter { it.isNotEmpty() }

    fun samples(prefix: String) = lines.filter { it.startsWith(prefix) }
}

private fun <T> monitored(scheduleLabels: Int = 0, action: Endpoint.() -> T): T =
    Endpoint(scheduleLabels = scheduleLabels).use { it.action() }

class MetricsTest :
    FunSpec({
        test("every line is a comment or a sample in the text format of Prometheus") {
            monitored {
                metrics.read(
                    SettableFigures().apply { next = Optional.of(Duration.ofMillis(1_500)) }
                )
                metrics.fireDecided("daily", "started", Duration.ofMillis(3))
                metrics.runEnded("succeeded", Duration.ofSeconds(100))
                val scraped = Scraped(this)
                scraped.answer.statusCode() shouldBe 200
                scraped.type shouldBe "text/plain; version=0.0.4; charset=utf-8"
                scraped.lines
                    .filterNot { it.startsWith("# HELP ") || it.startsWith("# TYPE ") }
                    .filterNot { SAMPLE.matches(it) }
                    .shouldBeEmpty()
                scraped.lines.map { it.substringBeforeLast(' ') }.distinct().size shouldBe
                    scraped.lines.size
            }
        }

        test(
            "a scraper that asks for OpenMetrics gets it, also one that prefers the binary format"
        ) {
            monitored {
                metrics.fireDecided("daily", "started", Duration.ZERO)
                val openMetrics =
                    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3"
                val binary =
                    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6"
                for (accept in listOf(openMetrics, "$binary,$openMetrics")) {
                    val scraped = Scraped(this, accept)
                    scraped.type shouldBe
                        "application/openmetrics-text; version=1.0.0; charset=utf-8"
                    scraped.lines.last() shouldBe "# EOF"
                    scraped.lines shouldContain "# TYPE emrys_fires counter"
                    scraped.lines shouldContain """emrys_fires_total{state="started"} 1.0"""
                }
                Scraped(this, binary).type shouldBe "text/plain; version=0.0.4; charset=utf-8"
            }
        }

        test("fires are counted by state, and their lateness by buckets") {
            monitored {
                metrics.fireDecided("daily", "started", Duration.ofMillis(-5))
                metrics.fireDecided("daily", "started", Duration.ofMillis(10))
                metrics.fireDecided("hourly", "started", Duration.ofMillis(11))
                metrics.fireDecided("daily", "missed", Duration.ofHours(1))
                val scraped = Scraped(this)
                scraped.samples("emrys_fires") shouldContainExactly
                    listOf(
                        """emrys_fires_total{state="missed"} 1.0""",
                        """emrys_fires_total{state="started"} 3.0""",
                    )
                scraped.samples("emrys_schedule_fires").shouldBeEmpty()
                scraped.lines shouldContain "# TYPE emrys_fire_lateness_seconds histogram"
                scraped.samples("emrys_fire_lateness_seconds_bucket") shouldContainExactly
                    listOf("0.01" to 2, "0.025" to 3, "0.05" to 3, "0.1" to 3, "0.25" to 3)
                        .plus(
                            listOf("0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0").map {
                                it to 3
                            }
                        )
                        .plus("+Inf" to 4)
                        .map { (le, n) -> """emrys_fire_lateness_seconds_bucket{le="$le"} $n""" }
                scraped.lines shouldContainAll
                    listOf(
                        "emrys_fire_lateness_seconds_count 4",
                        "emrys_fire_lateness_seconds_sum 3600.021",
                        "emrys_fire_lateness_seconds_max 3600.0",
                    )
            }
        }

        test("runs are counted by how they ended, and their duration by buckets") {
            monitored {
                metrics.runEnded("succeeded", Duration.ofMinutes(10))
                metrics.runEnded("failed", Duration.ofDays(2))
                val scraped = Scraped(this)
                scraped.samples("emrys_runs_total") shouldContainExactly
                    listOf(
                        """emrys_runs_total{state="failed"} 1.0""",
                        """emrys_runs_total{state="succeeded"} 1.0""",
                    )
                scraped.samples("emrys_run_duration_seconds_bucket").map {
                    it.substringAfter("le=\"").substringBefore('"')
                } shouldContainExactly
                    listOf("1.0", "10.0", "30.0", "60.0", "300.0", "900.0", "1800.0", "3600.0")
                        .plus(listOf("7200.0", "14400.0", "28800.0", "86400.0", "+Inf"))
                scraped.lines shouldContainAll
                    listOf(
                        """emrys_run_duration_seconds_bucket{le="300.0"} 0""",
                        """emrys_run_duration_seconds_bucket{le="900.0"} 1""",
                        """emrys_run_duration_seconds_bucket{le="86400.0"} 1""",
                        "emrys_run_duration_seconds_count 2",
                    )
            }
        }

        test("counters without labels are 0 from the start") {
            monitored {
                val names =
                    listOf("fire_start_retries", "journal_failures", "notifications_sent")
                        .plus("notifications_failed")
                        .map { "emrys_${it}_total" }
                Scraped(this).lines shouldContainAll names.map { "$it 0.0" }
                metrics.fireStartRetried()
                repeat(2) { metrics.journalFailed() }
                repeat(3) { metrics.notificationSent() }
                repeat(4) { metrics.notificationFailed() }
                Scraped(this).lines shouldContainAll
                    names.mapIndexed { index, name -> "$name ${index + 1}.0" }
            }
        }

        test("the gauges read the figures at each scrape") {
            monitored {
                Scraped(this).samples("emrys_schedules").shouldBeEmpty()
                val figures = SettableFigures()
                metrics.read(figures)
                Scraped(this).lines shouldContainAll
                    listOf(
                        "emrys_schedules 10000.0",
                        "emrys_runs_driven 3.0",
                        "emrys_runs_queued 7.0",
                        "emrys_scripts_broken 1.0",
                    )
                figures.queued = { 8 }
                Scraped(this).lines shouldContain "emrys_runs_queued 8.0"
                shouldThrow<IllegalStateException> { metrics.read(figures) }
            }
        }

        test("the figures are kept alive by the metrics") {
            monitored {
                metrics.read(SettableFigures())
                System.gc()
                Scraped(this).lines shouldContain "emrys_schedules 10000.0"
            }
        }

        test("the last tick and the next fire are absent until there are such") {
            monitored {
                val figures = SettableFigures()
                metrics.read(figures)
                Scraped(this).run {
                    samples("emrys_last_tick_age").shouldBeEmpty()
                    samples("emrys_next_fire").shouldBeEmpty()
                }
                figures.tick = Optional.of(Duration.ofMillis(250))
                figures.next = Optional.of(Duration.ofSeconds(-2))
                Scraped(this).lines shouldContainAll
                    listOf("emrys_last_tick_age_seconds 0.25", "emrys_next_fire_wait_seconds -2.0")
            }
        }

        test("figures that throw leave the other metrics") {
            monitored {
                metrics.read(
                    object : DaemonFigures by SettableFigures() {
                        override fun runsQueued(): Int = error("closed")

                        override fun untilNextFire(): Optional<Duration> = error("closed")
                    }
                )
                Scraped(this).run {
                    answer.statusCode() shouldBe 200
                    lines shouldContainAll
                        listOf("emrys_schedules 10000.0", "emrys_runs_queued NaN")
                    samples("emrys_next_fire").shouldBeEmpty()
                }
            }
        }

        test("the build and the process are described") {
            monitored {
                Scraped(this).run {
                    lines shouldContain """emrys_build_info{version="1.2.3"} 1"""
                    val names = lines.map { it.substringBefore('{').substringBefore(' ') }
                    names shouldContainAll
                        listOf(
                            "jvm_memory_used_bytes",
                            "jvm_threads_live_threads",
                            "process_cpu_usage",
                        ) + listOf("process_uptime_seconds", "process_files_open_files")
                }
            }
        }

        test("schedules have counters of their own where they are asked for, up to a number") {
            monitored(scheduleLabels = 2) {
                for (schedule in listOf("a", "b", "c", "a", "d")) {
                    metrics.fireDecided(schedule, "started", Duration.ZERO)
                }
                Scraped(this).run {
                    samples("emrys_schedule_fires_total") shouldContainExactly
                        listOf("a" to 2, "b" to 1, "other" to 2).map { (schedule, n) ->
                            """emrys_schedule_fires_total{schedule="$schedule",state="started"} $n.0"""
                        }
                    lines shouldContain """emrys_fires_total{state="started"} 5.0"""
                }
            }
            for (labels in listOf(-1, 1_001)) {
                withClue(labels) {
                    shouldThrow<IllegalArgumentException> { Metrics("1.2.3", labels) }
                        .message shouldBe
                        "Metrics by schedule are for 0 to 1000 schedules, not $labels."
                }
            }
        }

        test("states that no version knows cannot make time series without end") {
            monitored {
                repeat(1_000) {
                    metrics.fireDecided("daily", "state $it", Duration.ZERO)
                    metrics.runEnded("state $it", Duration.ZERO)
                }
                Scraped(this).run {
                    samples("emrys_fires_total").size shouldBe 17
                    lines shouldContain """emrys_fires_total{state="other"} 984.0"""
                    lines shouldNotContain """emrys_fires_total{state="state 16"} 1.0"""
                    samples("emrys_runs_total").size shouldBe 17
                }
            }
        }
    })
