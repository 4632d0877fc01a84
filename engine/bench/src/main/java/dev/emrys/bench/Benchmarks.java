package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Measures every case once in each round, so that a busy machine slows all of them alike, and prints the table. Started
 * by run.sh, where the arguments are described.
 */
public final class Benchmarks {
    private final Options options;
    private final Path work;
    private final ResultTable table = new ResultTable();

    /** @param project the project's folder, which is built */
    private record Options(Path project, int rounds, Pattern only, boolean markdown) {
        static Options parse(String[] args) {
            int rounds = 3;
            Pattern only = Pattern.compile("");
            boolean markdown = false;
            for (int i = 1; i < args.length; i++) {
                switch (args[i]) {
                    case "--rounds" -> rounds = Integer.parseInt(args[++i]);
                    case "--only" -> only = Pattern.compile(args[++i]);
                    case "--markdown" -> markdown = true;
                    default -> throw new IllegalArgumentException("Unexpected argument " + args[i]);
                }
            }
            return new Options(Path.of(args[0]), rounds, only, markdown);
        }
    }

    private Benchmarks(Options options, Path work) {
        this.options = options;
        this.work = work;
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args);
        Path work = Files.createTempDirectory(options.project().resolve("engine/bench/target"), "work");
        try {
            new Benchmarks(options, work).run();
        } finally {
            delete(work);
        }
    }

    /** The owner process of the emulator may write there until it notices that its folder is gone. */
    private static void delete(Path folder) throws IOException {
        try {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (IOException e) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private void run() throws Exception {
        ClassArchive.make(work);
        List<Case> cases = new ArrayList<>();
        for (Case each : allCases()) {
            boolean isNamed = !each.onlyByName() || !options.only().pattern().isEmpty();
            if (isNamed && options.only().matcher(each.name()).find() && prepare(each)) {
                cases.add(each);
            }
        }
        double loadBefore = load();
        for (int round = 1; round <= options.rounds(); round++) {
            for (Case each : cases) {
                System.err.printf("round %s of %s: %s%n", round, options.rounds(), each.name());
                measure(each, round);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s processors, JDK %s, load %.1f before and %.1f after, %s rounds%n%n",
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                loadBefore,
                load(),
                options.rounds());
        System.out.print(options.markdown() ? table.markdown() : table.text());
    }

    private ImmutableList<Case> allCases() throws IOException {
        Path bench = options.project().resolve("engine/bench");
        String peers = bench.resolve("peers/target/classes") + ":"
                + Files.readString(bench.resolve("peers/target/classpath")).strip();
        String nextflow =
                Files.readString(bench.resolve("nextflow/target/classpath")).strip();
        return ImmutableList.<Case>builder()
                .add(JvmCase.engine("wide", JvmCase.LAUNCHER, Row.WIDE, Row.CPU))
                .add(JvmCase.peer("db-scheduler", peers, Row.WIDE_DB_SCHEDULER, Row.CPU_DB_SCHEDULER))
                .add(JvmCase.engine("chain", JvmCase.LAUNCHER, Row.CHAIN))
                .add(JvmCase.peer("dbos", peers, Row.WIDE_DBOS, Row.CPU_DBOS, Row.CHAIN_DBOS))
                .add(JvmCase.engine("compile", JvmCase.LAUNCHER, Row.COMPILE))
                .addAll(ResumeCases.in(work))
                .addAll(SchedulesCase.cases(work, peers))
                .addAll(new LauncherCases(options.project(), work.resolve("launcher")).cases())
                .add(new NextflowCase(nextflow))
                .add(JvmCase.engine("wire", JvmCase.EMULATOR, Row.WIRE))
                .addAll(new SparkCases(work.resolve("spark")).cases())
                .build();
    }

    private boolean prepare(Case each) throws Exception {
        try {
            each.prepare();
            return true;
        } catch (ProcessRun.FailedException e) {
            failed(each, e);
            return false;
        }
    }

    private void measure(Case each, int round) throws Exception {
        double load = load();
        Calibration calibration = Calibration.measure(work);
        Path folder = Files.createDirectory(work.resolve(each.name() + "-" + round));
        try {
            each.measure(folder).forEach(sample -> table.add(sample, calibration, load));
        } catch (ProcessRun.FailedException e) {
            failed(each, e);
        }
        delete(folder);
    }

    private void failed(Case each, ProcessRun.FailedException e) {
        System.err.println(each.name() + ": " + e.getMessage());
        boolean memory = String.valueOf(e.getMessage()).contains("OutOfMemoryError");
        each.rows().forEach(row -> table.addFailure(row, memory ? "out of memory" : "failed"));
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
