package dev.emrys.monitor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a daemon that serves schedules, for Prometheus. Nothing is computed between scrapes.
 *
 * <table>
 * <caption>The metrics</caption>
 * <tr><td>{@code emrys_fires_total{state}}</td><td>fires that were decided</td></tr>
 * <tr><td>{@code emrys_schedule_fires_total{schedule,state}}</td><td>the same by schedule, where the labels are asked
 * for</td></tr>
 * <tr><td>{@code emrys_fire_lateness_seconds}</td><td>histogram: decided how long after they were due</td></tr>
 * <tr><td>{@code emrys_fire_start_retries_total}</td><td>fires whose run could not be started at once</td></tr>
 * <tr><td>{@code emrys_runs_total{state}}</td><td>runs that ended</td></tr>
 * <tr><td>{@code emrys_run_duration_seconds}</td><td>histogram: how long they took</td></tr>
 * <tr><td>{@code emrys_journal_failures_total}</td><td>uses of the journal that failed</td></tr>
 * <tr><td>{@code emrys_notifications_sent_total}, {@code
 * emrys_notifications_failed_total}</td><td>notifications</td></tr>
 * <tr><td>{@code emrys_schedules}, {@code emrys_runs_driven}, {@code emrys_runs_queued}, {@code emrys_scripts_broken},
 *     {@code emrys_last_tick_age_seconds}, {@code emrys_next_fire_wait_seconds}</td><td>gauges: {@link
 *     DaemonFigures}</td></tr>
 * <tr><td>{@code emrys_build_info{version}}</td><td>1</td></tr>
 * <tr><td>{@code jvm_memory_…}, {@code jvm_buffer_…}, {@code jvm_threads_…}, {@code process_…}, {@code system_…}</td>
 *     <td>Micrometer's own</td></tr>
 * </table>
 *
 * <p>No label has an unbounded number of values: a run's name is none, a schedule only where {@code scheduleLabels}
 * allows it, and what exceeds the bound has the value {@code other}. Thread-safe; the methods that record return at
 * once and do not throw.
 */
public final class Metrics implements AutoCloseable {
    /** The most schedules that may have time series of their own. */
    public static final int MAX_SCHEDULE_LABELS = 1_000;

    private static final int MAX_STATES = 16;

    private static final Duration[] LATENESS_BUCKETS = Stream.of(
                    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private static final Duration[] DURATION_BUCKETS = Stream.of(
                    1, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
            .map(Duration::ofSeconds)
            .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final AtomicBoolean figuresGiven = new AtomicBoolean();
    private final BoundedLabel<Counter> fires;
    private final @Nullable BoundedLabel<BoundedLabel<Counter>> scheduleFires;
    private final BoundedLabel<Counter> runs;
    private final Timer lateness;
    private final Timer durations;
    private final Counter startRetries;
    private final Counter journalFailures;
    private final Counter notificationsSent;
    private final Counter notificationsFailed;

    /** Without metrics by schedule. */
    public Metrics(String version) {
        this(version, 0);
    }

    /**
     * @param version of Emrys
     * @param scheduleLabels how many schedules have counters of their own, the first ones that fire; further ones share
     *     the counters of {@code schedule="other"}. 0 for no counters by schedule, at most {@value
     *     #MAX_SCHEDULE_LABELS}
     * @throws IllegalArgumentException {@code scheduleLabels} is not in its range
     */
    public Metrics(String version, int scheduleLabels) {
        if (scheduleLabels < 0 || scheduleLabels > MAX_SCHEDULE_LABELS) {
            throw new IllegalArgumentException("Metrics by schedule are for 0 to " + MAX_SCHEDULE_LABELS
                    + " schedules, not " + scheduleLabels + ".");
        }
        fires = states("emrys.fires", "Fires that were decided");
        scheduleFires = scheduleLabels == 0
                ? null
                : new BoundedLabel<>(
                        scheduleLabels,
                        schedule -> states(
                                "emrys.schedule.fires", "Fires that were decided, by schedule", "schedule", schedule));
        runs = states("emrys.runs", "Runs that ended");
        lateness = histogram("emrys.fire.lateness", "How long after its due time a fire was decided", LATENESS_BUCKETS);
        durations = histogram("emrys.run.duration", "How long a run took", DURATION_BUCKETS);
        startRetries = counter("emrys.fire.start.retries", "Fires whose run could not be started at once");
        journalFailures = counter("emrys.journal.failures", "Uses of the journal that failed");
        notificationsSent = counter("emrys.notifications.sent", "Notifications that were sent");
        notificationsFailed = counter("emrys.notifications.failed", "Notifications that could not be sent");
        Gauge.builder("emrys.build.info", () -> 1)
                .description("The version of Emrys")
                .tag("version", version)
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /**
     * Has the gauges read these figures from now on; before, there are no such gauges. The gauge of a figure that
     * throws is NaN, and absent where the figure may be empty.
     *
     * @throws IllegalStateException it is called again
     */
    public void read(DaemonFigures figures) {
        if (!figuresGiven.compareAndSet(false, true)) {
            throw new IllegalStateException("The figures have been given already.");
        }
        gauge("emrys.schedules", "Schedules that are served", figures::schedules);
        gauge("emrys.runs.driven", "Runs that are driven", figures::runsDriven);
        gauge("emrys.runs.queued", "Runs that wait to be driven", figures::runsQueued);
        gauge("emrys.scripts.broken", "Scripts that have an error", figures::brokenScripts);
        optionalGauge(
                "emrys_last_tick_age_seconds",
                "How long ago the scheduler last looked for what is due",
                figures::sinceLastTick);
        optionalGauge(
                "emrys_next_fire_wait_seconds",
                "How long until the next fire is due; negative when it is overdue",
                figures::untilNextFire);
    }

    /**
     * A fire is decided.
     *
     * @param schedule the schedule's id
     * @param state what became of it, one of a few words in lower case
     * @param late how long after its due time; a negative one counts as 0
     */
    public void fireDecided(String schedule, String state, Duration late) {
        fires.of(state).increment();
        if (scheduleFires != null) {
            scheduleFires.of(schedule).of(state).increment();
        }
        lateness.record(notNegative(late));
    }

    /** The run of a fire could not be started now; it is tried again. */
    public void fireStartRetried() {
        startRetries.increment();
    }

    /**
     * A run of a fire has ended.
     *
     * @param state how, one of a few words in lower case
     * @param took from its start; a negative one, after a change of the clock, counts as 0
     */
    public void runEnded(String state, Duration took) {
        runs.of(state).increment();
        durations.record(notNegative(took));
    }

    /** The journal could not be used. */
    public void journalFailed() {
        journalFailures.increment();
    }

    /** A notification was sent. */
    public void notificationSent() {
        notificationsSent.increment();
    }

    /** A notification could not be sent, after all attempts. */
    public void notificationFailed() {
        notificationsFailed.increment();
    }

    /**
     * The metrics in the text format that is asked for. The library's own choice includes the binary format, whose
     * classes are excluded.
     *
     * @param accept the Accept header: the text format of Prometheus unless it names OpenMetrics
     */
    MonitorResponse scrape(@Nullable String accept) {
        ExpositionFormatWriter openMetrics = formats.getOpenMetricsTextFormatWriter();
        ExpositionFormatWriter writer =
                openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
        try (ByteArrayOutputStream body = new ByteArrayOutputStream()) {
            writer.write(body, registry.getPrometheusRegistry().scrape());
            return new MonitorResponse(HttpStatus.OK_200, writer.getContentType(), body.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Frees what the metrics hold. */
    @Override
    public void close() {
        registry.close();
    }

    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private BoundedLabel<Counter> states(String name, String description, String... tags) {
        return new BoundedLabel<>(
                MAX_STATES,
                state -> Counter.builder(name)
                        .description(description)
                        .tags(tags)
                        .tag("state", state)
                        .register(registry));
    }

    private Timer histogram(String name, String description, Duration... buckets) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /** Of the client library: a gauge of Micrometer always has a value. */
    private void optionalGauge(String name, String description, Supplier<Optional<Duration>> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(description)
                .unit(Unit.SECONDS)
                .callback(gauge -> present(value).ifPresent(duration -> gauge.call(duration.toMillis() / 1_000.0)))
                .register(registry.getPrometheusRegistry());
    }

    private static Optional<Duration> present(Supplier<Optional<Duration>> value) {
        try {
            return value.get();
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
