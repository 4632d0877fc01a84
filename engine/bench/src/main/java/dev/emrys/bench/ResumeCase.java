package dev.emrys.bench;

import dev.emrys.drive.Driver;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.Lease;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SpecJson;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * To take over a run whose journal has a million events: from the start of the process until the takeover is durable.
 */
final class ResumeCase {
    private static final String RUN = "long";
    private static final int EVENTS = 1_000_000;
    /** Half a minute at 1,000 a second: there are one or two snapshots meanwhile. */
    private static final int PACED_EVENTS = 30_000;

    /**
     * A driver that is abandoned takes those that its target has reported already: up to two for each step in flight.
     */
    private static final int IN_FLIGHT = 50_000;

    private static final int CLUSTERS = 100;
    /** A few more than have ended after so many events. */
    private static final int STEPS = 345_000;

    private static final int TRAINING_STEPS = 1_000;

    private static final double MEBIBYTE = 1024.0 * 1024.0;

    private ResumeCase() {}

    /** Drives a run until it has a million events, and leaves it there. */
    static void prepare(Path folder) {
        prepare(folder, EVENTS);
    }

    private static void prepare(Path folder, int events) {
        prepare(folder, Workloads.wide(STEPS, CLUSTERS), events);
    }

    private static void prepare(Path folder, PipelineSpec spec, int events) {
        TaskGraph graph = TaskGraph.compile(spec);
        AtomicInteger durable = new AtomicInteger();
        CompletableFuture<@Nullable Void> enough = new CompletableFuture<>();
        try (EngineUnderTest engine = new EngineUnderTest(folder, false, InstantEffects::new);
                Lease lease = engine.create(RUN, spec)) {
            Driver driver = Driver.start(engine.ports(lease), RUN, RUN, graph, (appended, state) -> {
                if (durable.addAndGet(appended.size()) >= events) {
                    enough.complete(null);
                }
            });
            enough.join();
            driver.abandon().join();
        }
    }

    /**
     * Drives a run until it has about a million events, the last ones slowly and with snapshots; then this process is
     * killed.
     */
    static void prepareWithSnapshot(Path folder) throws InterruptedException {
        prepare(folder, EVENTS - PACED_EVENTS - IN_FLIGHT);
        EngineUnderTest engine = new EngineUnderTest(folder, true, PacedEffects::new);
        Lease lease = engine.journal().leases().acquire(RUN).orElseThrow();
        TaskGraph graph =
                TaskGraph.compileChecked(SpecJson.read(engine.journal().runs().spec(RUN)));
        CountDownLatch paced = new CountDownLatch(PACED_EVENTS);
        var unused = Driver.resume(
                engine.ports(lease),
                RUN,
                RUN,
                graph,
                "bench",
                false,
                (appended, state) -> appended.forEach(event -> paced.countDown()));
        paced.await();
        Runtime.getRuntime().halt(0);
    }

    /** For the class-data archive: drives a small run, and takes it over. */
    static void train(Path folder) {
        prepare(folder, Workloads.wide(TRAINING_STEPS, 1), TRAINING_STEPS);
        measure(folder, Row.RESUME);
    }

    /** @param row what is measured */
    static void measure(Path folder, Row row) {
        // Without a new snapshot, which the next start of the same journal would use.
        try (EngineUnderTest engine = new EngineUnderTest(folder, false, InstantEffects::new);
                Lease lease = engine.journal().leases().acquire(RUN).orElseThrow()) {
            PipelineSpec spec = SpecJson.read(engine.journal().runs().spec(RUN));
            TaskGraph graph = TaskGraph.compileChecked(spec);
            CompletableFuture<Double> durable = new CompletableFuture<>();
            Driver driver = Driver.resume(
                    engine.ports(lease),
                    RUN,
                    RUN,
                    graph,
                    "bench",
                    false,
                    (events, state) -> durable.complete(ProcessClock.secondsSinceStartOfJvm()));
            double seconds = durable.join();
            double cpu = ProcessClock.cpuSecondsSinceStartOfJvm();
            double heap = peakHeapMebibytes();
            driver.abandon().join();
            new Sample(row, seconds, cpu).print();
            if (row == Row.RESUME) {
                Sample.of(Row.RESUME_HEAP, heap).print();
            }
        }
    }

    /** Of all pools together, garbage included: an upper bound. */
    private static double peakHeapMebibytes() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                bytes += pool.getPeakUsage().getUsed();
            }
        }
        return bytes / MEBIBYTE;
    }
}
