package dev.emrys.bench;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepExit;
import dev.emrys.emulator.StepLaunch;
import dev.emrys.emulator.StepListener;
import dev.emrys.local.Account;
import dev.emrys.local.Distribution;
import dev.emrys.local.Distributions;
import dev.emrys.local.LocalStepRunner;
import dev.emrys.local.MavenDistributionResolver;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Steps of Spark on this machine, from the runner's start of a step to its report of the end, and in turn the same jobs
 * by Spark's own spark-submit class on the same jars, with a JVM's default options.
 */
final class SparkCases {
    private static final long MEBIBYTE = 1L << 20;
    private static final int ROW_LENGTH = 20;
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final String EXAMPLES = "/usr/lib/spark/examples/jars/spark-examples.jar";
    private static final String WORD_COUNT = "org.apache.spark.examples.JavaWordCount";
    private static final String PI = "org.apache.spark.examples.SparkPi";

    private final Path folder;
    private final Path cache;
    private final Distributions distributions;

    /** @param folder for the cache and the inputs of all rounds */
    SparkCases(Path folder) {
        this.folder = folder;
        this.cache = folder.resolve("cache");
        this.distributions = new Distributions(cache, new MavenDistributionResolver());
    }

    ImmutableList<Case> cases() {
        return ImmutableList.of(
                new SparkCase("spark-small", 7, 1, Row.SPARK_SMALL, Row.SPARK_SMALL_PLAIN),
                new SparkCase("spark-row", 0, ROW_LENGTH, Row.SPARK_ROW, Row.SPARK_ROW_PLAIN),
                new SparkCase("spark-100m", 100, 1, Row.SPARK_100M, Row.SPARK_100M_PLAIN),
                new SparkCase("spark-1g", 1024, 1, Row.SPARK_1G, Row.SPARK_1G_PLAIN));
    }

    /** Words of different frequencies, the same in every run. */
    private Path text(int megabytes) throws IOException {
        Path file = folder.resolve(megabytes + ".txt");
        if (!Files.exists(file)) {
            StringBuilder block = new StringBuilder();
            for (int i = 0; block.length() < MEBIBYTE; i++) {
                block.append("word").append(i % (1 + i * 31L % 20_011)).append(i % 10 == 9 ? '\n' : ' ');
            }
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                for (int i = 0; i < megabytes; i++) {
                    out.append(block);
                }
            }
        }
        return file;
    }

    private ImmutableList<Path> jars() {
        return distributions.jars(Distribution.SPARK, Distributions.Progress.NONE);
    }

    /** What bin/spark-class gives a driver. */
    private ImmutableList<String> moduleOptions() throws IOException {
        for (Path jar : jars()) {
            if (String.valueOf(jar.getFileName()).startsWith("spark-launcher_")) {
                URL[] urls = {jar.toUri().toURL()};
                try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
                    Object options = loader.loadClass("org.apache.spark.launcher.JavaModuleOptions")
                            .getMethod("defaultModuleOptions")
                            .invoke(null);
                    return ImmutableList.copyOf(options.toString().strip().split("\\s+"));
                } catch (ReflectiveOperationException e) {
                    throw new IOException("Spark's launcher jar is not usable", e);
                }
            }
        }
        throw new IOException("Spark has no launcher jar");
    }

    private ProcessRun plain(Path in, List<String> application) throws IOException, InterruptedException {
        String examples = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each -> each.contains("spark-examples"))
                .findFirst()
                .orElseThrow();
        ImmutableList<String> options = ImmutableList.<String>builder()
                .addAll(moduleOptions())
                .add("-Xmx1g", "-Dspark.ui.enabled=false", "-Djava.io.tmpdir=" + in)
                .build();
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(JvmCase.java(
                        Joiner.on(File.pathSeparator).join(jars()), options, "org.apache.spark.deploy.SparkSubmit"))
                .add("--master", "local[*]", "--class", application.get(0), examples)
                .addAll(application.subList(1, application.size()))
                .build();
        return ProcessRun.of(command, in, ImmutableMap.of("SPARK_LOCAL_IP", "127.0.0.1"));
    }

    private static double step(LocalStepRunner runner, String id, List<String> application)
            throws InterruptedException {
        ImmutableList<String> args = ImmutableList.<String>builder()
                .add("spark-submit", "--class", application.get(0), EXAMPLES)
                .addAll(application.subList(1, application.size()))
                .build();
        CompletableFuture<StepExit> end = new CompletableFuture<>();
        long begin = System.nanoTime();
        runner.start(
                new StepLaunch(
                        "j-BENCH",
                        id,
                        id,
                        Distribution.RELEASE,
                        ImmutableList.of(),
                        "command-runner.jar",
                        null,
                        args,
                        ImmutableMap.of(),
                        ImmutableList.of(),
                        null,
                        null),
                new StepListener() {
                    @Override
                    public void running(Instant at) {}

                    @Override
                    public void ended(StepExit exit) {
                        end.complete(exit);
                    }
                });
        try {
            StepExit exit = end.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!(exit instanceof StepExit.Completed)) {
                throw new ProcessRun.FailedException(exit.toString());
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new ProcessRun.FailedException("not ended after " + LIMIT);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    /** A word count, or the estimate of pi where there is no text; some times, one after the other. */
    private final class SparkCase implements Case {
        private final String name;
        private final int megabytes;
        private final int times;
        private final Row row;
        private final Row plainRow;

        SparkCase(String name, int megabytes, int times, Row row, Row plainRow) {
            this.name = name;
            this.megabytes = megabytes;
            this.times = times;
            this.row = row;
            this.plainRow = plainRow;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean onlyByName() {
            return megabytes > 100;
        }

        @Override
        public ImmutableList<Row> rows() {
            return ImmutableList.of(row, plainRow);
        }

        private ImmutableList<String> application() throws IOException {
            return megabytes == 0 ? ImmutableList.of(PI, "4") : ImmutableList.of(WORD_COUNT, "file:" + text(megabytes));
        }

        /** The step after which the runner makes the class-data archive. */
        @Override
        public void prepare() throws IOException, InterruptedException {
            Files.createDirectories(cache);
            var unused = application();
            Instant limit = Instant.now().plus(LIMIT);
            try (LocalStepRunner runner = runner(folder.resolve("account"))) {
                step(runner, "s-" + name, ImmutableList.of(PI, "2"));
                while (!hasArchive()) {
                    if (Instant.now().isAfter(limit)) {
                        throw new ProcessRun.FailedException("no class-data archive after " + LIMIT);
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
        }

        private boolean hasArchive() throws IOException {
            try (Stream<Path> files = Files.list(cache)) {
                return files.anyMatch(file -> file.toString().endsWith(".jsa"));
            }
        }

        private LocalStepRunner runner(Path account) throws IOException {
            return new LocalStepRunner(new Account(account), distributions, InstantSource.system());
        }

        @Override
        public ImmutableList<Sample> measure(Path in) throws IOException, InterruptedException {
            double plainSeconds = 0;
            double plainCpu = 0;
            double stepSeconds = 0;
            try (LocalStepRunner runner = runner(in.resolve("account"))) {
                for (int i = 0; i < times; i++) {
                    ProcessRun plain = plain(in, application());
                    plainSeconds += plain.seconds();
                    plainCpu += plain.cpuSeconds();
                    stepSeconds += step(runner, "s-" + i, application());
                }
            }
            return ImmutableList.of(Sample.of(row, stepSeconds), new Sample(plainRow, plainSeconds, plainCpu));
        }
    }
}
