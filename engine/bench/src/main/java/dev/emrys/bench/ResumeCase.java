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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** To take over a run whose journal has a million events: from the start of the process until the takeover is durable. */
final class ResumeCase {
    private static final String RUN = "long";
    private static final int EVENTS = 1_000_000;
    private static final int CLUSTERS = 100;
    /** A few more than have ended after so many events. */
    private static final int STEPS = 345_000;

    private static final double MEBIBYTE = 1024.0 * 1024.0;

    private ResumeCase() {}

    /** Drives a run until it has a million events, and leaves it there. */
    static void prepare(Path folder) {
        PipelineSpec spec = Workloads.wide(STEPS, CLUSTERS);
        AtomicInteger events = new AtomicInteger();
        CompletableFuture<@Nullable Void> enough = new CompletableFuture<>();
        try (EngineUnderTest engine = new EngineUnderTest(folder);
                Lease lease = engine.create(RUN, spec)) {
            Driver driver = Driver.start(engine.ports(lease), RUN, RUN, TaskGraph.compile(spec), (durable, state) -> {
                if (events.addAndGet(durable.size()) >= EVENTS) {
                    enough.complete(null);
                }
            });
            enough.join();
            driver.abandon().join();
        }
    }

    /** @param withHeap whether the heap is large enough to see how much of it is used */
    static void measure(Path folder, boolean withHeap) {
        try (EngineUnderTest engine = new EngineUnderTest(folder);
                Lease lease = engine.journal().leases().acquire(RUN).orElseThrow()) {
            PipelineSpec spec = SpecJson.read(engine.journal().runs().spec(RUN));
            TaskGraph graph = TaskGraph.compile(spec);
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
            new Sample(withHeap ? Row.RESUME : Row.RESUME_SMALL_HEAP, seconds, cpu).print();
            if (withHeap) {
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
