package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.run.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What is measured through the launcher, as a user starts it. */
final class LauncherCases {
    private static final int HOPS = 20;
    private static final int PLANNED = 100_000;
    private static final int STARTS = 5;

    private final Path clone;
    private final Path folder;
    private final ImmutableMap<String, String> environment;

    /**
     * @param clone the project's folder
     * @param folder for the cache, the states and the scripts of all rounds
     */
    LauncherCases(Path clone, Path folder) {
        this.clone = clone;
        this.folder = folder;
        this.environment =
                ImmutableMap.of("EMRYS_CACHE", folder.resolve("cache").toString(), "LC_ALL", "C.UTF-8");
    }

    ImmutableList<Case> cases() {
        return ImmutableList.of(new Plan(), new LocalChain(), new Start());
    }

    private ProcessRun emrys(Path in, String... arguments) throws IOException, InterruptedException {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .add(clone.resolve("emrys").toString())
                .add(arguments)
                .build();
        return ProcessRun.of(command, in, environment);
    }

    private Path script(String name, String body) throws IOException {
        Files.createDirectories(folder);
        return Files.writeString(folder.resolve(name + ".emr.kts"), """
                pipeline("%s") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    %s
                }
                """.formatted(name, body));
    }

    /** A loop that declares the steps; the script is compiled and in the cache already. */
    private final class Plan implements Case {
        @Override
        public String name() {
            return "plan";
        }

        @Override
        public ImmutableList<Row> rows() {
            return ImmutableList.of(Row.PLAN, Row.PLAN_MEMORY);
        }

        @Override
        public void prepare() throws IOException, InterruptedException {
            var unused = plan(folder);
        }

        private ProcessRun plan(Path in) throws IOException, InterruptedException {
            Path script = script("plan", "repeat(" + PLANNED + ") { c.step(\"step-$it\") { bash(\"true\") } }");
            return emrys(in, "plan", script.toString(), "--output", "json");
        }

        @Override
        public ImmutableList<Sample> measure(Path in) throws IOException, InterruptedException {
            ProcessRun run = plan(in);
            return ImmutableList.of(
                    new Sample(Row.PLAN, run.seconds(), run.cpuSeconds()),
                    Sample.of(Row.PLAN_MEMORY, run.peakMebibytes()));
        }
    }

    /** Shell steps, each after the one before, on the emulator; the times are those of the run's journal. */
    private final class LocalChain implements Case {
        @Override
        public String name() {
            return "local-chain";
        }

        @Override
        public ImmutableList<Row> rows() {
            return ImmutableList.of(Row.LOCAL_HOP);
        }

        @Override
        public ImmutableList<Sample> measure(Path in) throws IOException, InterruptedException {
            Path script = script("chain", """
                    var last = c.step("step-0") { bash("true") }
                    for (i in 1 until %s) {
                        val before = last
                        last = c.step("step-$i") { bash("true"); after(before) }
                    }
                    """.formatted(HOPS));
            Path state = in.resolve("state");
            ProcessRun run = emrys(in, "run", script.toString(), "--state", state.toString());
            return ImmutableList.of(new Sample(Row.LOCAL_HOP, medianHop(state), run.cpuSeconds()));
        }

        private double medianHop(Path state) {
            try (SqliteJournal journal = SqliteJournal.open(state, warning -> System.err.println(warning))) {
                String run = journal.runs().list(1).get(0).id();
                List<Instant> ended = journal.events().readAll(run).stream()
                        .filter(Event.AttemptSucceeded.class::isInstance)
                        .map(Event.AttemptSucceeded.class::cast)
                        .filter(event -> event.task().startsWith("step-"))
                        .map(Event.AttemptSucceeded::at)
                        .toList();
                double[] millis = new double[ended.size() - 1];
                for (int i = 0; i < millis.length; i++) {
                    millis[i] = Duration.between(ended.get(i), ended.get(i + 1)).toNanos() / 1e6;
                }
                return Calibration.median(millis);
            }
        }
    }

    /** What startup.sh measures. */
    private final class Start implements Case {
        private static final ImmutableMap<String, Row> ROWS = ImmutableMap.of(
                "java -version", Row.START_JAVA,
                "emrys --version", Row.START_VERSION,
                "emrys plan, cached", Row.START_PLAN,
                "emrys plan, changed", Row.START_CHANGED,
                "emrys run, warm, no-op", Row.START_RUN);

        @Override
        public String name() {
            return "start-up";
        }

        @Override
        public ImmutableList<Row> rows() {
            return ROWS.values().asList();
        }

        @Override
        public ImmutableList<Sample> measure(Path in) throws IOException, InterruptedException {
            ImmutableList<String> command = ImmutableList.of(
                    clone.resolve("engine/bench/startup.sh").toString(), "--raw", Integer.toString(STARTS));
            return ProcessRun.of(command, in, ImmutableMap.of()).output().stream()
                    .map(line -> line.split("\t", -1))
                    .flatMap(parts -> Stream.ofNullable(ROWS.get(parts[0]))
                            .map(row -> new Sample(row, Double.parseDouble(parts[2]), Double.parseDouble(parts[3]))))
                    .collect(ImmutableList.toImmutableList());
        }
    }
}
