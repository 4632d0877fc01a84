package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Listener;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.Lease;
import dev.emrys.run.Event;
import dev.emrys.spec.PipelineSpec;
import java.nio.file.Path;

/** What is measured of the engine within a JVM of its own; started by {@link Benchmarks}. Arguments: case, folder. */
public final class EngineCases {
    private static final int WIDE = 100_000;
    /** With EMR's limit of 256 active steps on each, a quarter of the steps can be in flight at once. */
    private static final int CLUSTERS = 100;

    private static final int CHAIN = 5_000;

    private EngineCases() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        switch (args[0]) {
            case "wide" -> wide(folder);
            case "chain" -> chain(folder);
            case "compile" -> compile();
            case "training" -> {
                ResumeCase.train(folder.resolve("resume"));
                SchedulesCase.train(folder.resolve("schedules"));
            }
            case "schedules" -> SchedulesCase.measure(folder, Row.SCHEDULES_LATE);
            case "prepare-schedules-past" -> SchedulesCase.prepare(folder);
            case "schedules-past" -> SchedulesCase.measure(folder, Row.SCHEDULES_LATE_PAST);
            case "schedules-load" -> SchedulesCase.load(folder);
            case "wire" -> WireCase.measure(folder);
            case "prepare-resume" -> ResumeCase.prepare(folder);
            case "prepare-resume-snapshot" -> ResumeCase.prepareWithSnapshot(folder);
            case "resume" -> ResumeCase.measure(folder, Row.RESUME);
            case "resume-small-heap" -> ResumeCase.measure(folder, Row.RESUME_SMALL_HEAP);
            case "resume-snapshot" -> ResumeCase.measure(folder, Row.RESUME_SNAPSHOT);
            default -> throw new IllegalArgumentException("No case " + args[0]);
        }
    }

    /** The second of two equal runs, so that the first compilation of the code is no part of it. */
    private static void wide(Path folder) {
        PipelineSpec spec = Workloads.wide(WIDE, CLUSTERS);
        TaskGraph graph = TaskGraph.compile(spec);
        try (EngineUnderTest engine = new EngineUnderTest(folder)) {
            drive(engine, "warm-up", spec, graph, Listener.NONE);
            System.gc();
            ProcessClock clock = drive(engine, "measured", spec, graph, Listener.NONE);
            double seconds = clock.seconds();
            double cpu = clock.cpuSeconds();
            new Sample(Row.WIDE, WIDE / seconds, cpu).print();
            new Sample(Row.CPU, cpu * 1e6 / WIDE, cpu).print();
        }
    }

    private static void chain(Path folder) {
        PipelineSpec spec = Workloads.chain(CHAIN);
        TaskGraph graph = TaskGraph.compile(spec);
        double[] millis = new double[CHAIN];
        try (EngineUnderTest engine = new EngineUnderTest(folder)) {
            drive(engine, "warm-up", spec, graph, Listener.NONE);
            ProcessClock clock = drive(engine, "measured", spec, graph, new HopListener(millis));
            new Sample(Row.CHAIN, Calibration.median(millis), clock.cpuSeconds()).print();
        }
    }

    /** The time from one durable success to the next. */
    private static final class HopListener implements Listener {
        private final double[] millis;
        private int count;
        private long last = System.nanoTime();

        HopListener(double[] millis) {
            this.millis = millis;
        }

        @Override
        public void happened(ImmutableList<Event> events, dev.emrys.run.RunState state) {
            for (Event event : events) {
                if (event instanceof Event.AttemptSucceeded success
                        && success.task().startsWith("step-")) {
                    long now = System.nanoTime();
                    millis[count++] = (now - last) / 1e6;
                    last = now;
                }
            }
        }
    }

    private static ProcessClock drive(
            EngineUnderTest engine, String run, PipelineSpec spec, TaskGraph graph, Listener listener) {
        Lease lease = engine.create(run, spec);
        ProcessClock clock = new ProcessClock();
        engine.drive(lease, graph, listener);
        return clock;
    }

    private static void compile() {
        PipelineSpec spec = Workloads.wide(WIDE, CLUSTERS);
        ProcessClock clock = new ProcessClock();
        TaskGraph graph = TaskGraph.compile(spec);
        double seconds = clock.seconds();
        if (graph.size() != WIDE + 2 * CLUSTERS) {
            throw new IllegalStateException("The graph has " + graph.size() + " tasks");
        }
        new Sample(Row.COMPILE, seconds, clock.cpuSeconds()).print();
    }
}
