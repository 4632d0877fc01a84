package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.emrys.sqlite.ProcessLock;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds Python and Spark's Python half for steps that run a Python program.
 *
 * <p>Python is the first of: what the caller names, the variable {@code PYSPARK_PYTHON}, {@code python3} on the PATH.
 * If it has a package pyspark of Spark's minor version, that is used. Else the Python files of the package of exactly
 * Spark's version are used, which pip downloads once, as its own settings say, from its index, in at most 30 minutes:
 * 317 MB, because the package contains Spark's jars, of which 9 MB are kept in the cache folder. No virtual environment is made, so that a
 * program finds the packages that are installed for its Python.
 *
 * <p>Thread-safe, also between processes: one downloads, the others wait. The files appear whole or not at all.
 */
public final class PySpark {
    static final String PYTHON_VARIABLE = "PYSPARK_PYTHON";
    private static final String DEFAULT_PYTHON = "python3";

    /** Python itself takes less than a second; a network folder or a cold disk takes longer. */
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(60);

    /** For 317 MB: enough for 180 KB a second. */
    static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(30);

    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

    private final Path cache;
    private final ImmutableMap<String, String> environment;
    private final Duration downloadTimeout;

    /** @param cache the folder in which the package is kept; {@code environment}: for Python and pip */
    PySpark(Path cache, Map<String, String> environment) {
        this(cache, environment, DOWNLOAD_TIMEOUT);
    }

    /** @param downloadTimeout how long pip may take */
    PySpark(Path cache, Map<String, String> environment, Duration downloadTimeout) {
        this.cache = cache;
        this.environment = ImmutableMap.copyOf(environment);
        this.downloadTimeout = downloadTimeout;
    }

    /** Uses the environment of this process. */
    public PySpark(Path cache) {
        this(cache, System.getenv());
    }

    /**
     * Python with Spark's Python half.
     *
     * @param program the path of the program, which a step with another home folder can start
     * @param version of Python
     * @param pyspark the version of the package pyspark
     * @param userPackages the folder of the packages that the user has installed; empty if Python does not use them
     * @param path what is to be on PYTHONPATH; empty if Python has the package itself
     * @param examples Spark's Python examples; absent if Python has the package itself, without them
     */
    record Python(
            String program,
            String version,
            String pyspark,
            String userPackages,
            ImmutableList<Path> path,
            Optional<Path> examples) {}

    private record Probe(
            String program, String version, String userPackages, String pyspark, String folder, boolean hasPip) {}

    /**
     * Finds Python and pyspark, and downloads pyspark if that is necessary.
     *
     * @param named the program; null for the default
     * @param spark the version of Spark
     * @throws LocalSetupException when there is no Python, or the package cannot be downloaded
     */
    Python find(@Nullable String named, String spark, Distributions.Progress progress) {
        String program = program(named);
        try {
            Files.createDirectories(cache);
            Probe probe = probe(program).orElseThrow(() -> new LocalSetupException(noPython(program), null));
            if (minor(probe.pyspark()).equals(minor(spark))) {
                return new Python(
                        probe.program(),
                        probe.version(),
                        probe.pyspark(),
                        probe.userPackages(),
                        ImmutableList.of(),
                        Optional.of(Path.of(probe.folder(), "examples/src/main/python"))
                                .filter(Files::isDirectory));
            }
            Path folder = folder(spark);
            if (!Files.isDirectory(folder)) {
                download(probe, spark, folder, progress);
            }
            return new Python(
                    probe.program(),
                    probe.version(),
                    spark,
                    probe.userPackages(),
                    path(folder),
                    Optional.of(folder.resolve("examples")));
        } catch (IOException e) {
            throw new LocalSetupException(
                    "The folder " + cache + " cannot be used: " + e.getMessage()
                            + ".\n    Give this user the right to write there, or name another one in EMRYS_CACHE.",
                    e);
        }
    }

    /**
     * Downloads pyspark for steps that name no Python of their own.
     *
     * @param spark the version of Spark
     * @throws LocalSetupException as {@link #find}
     */
    public void fetch(String spark, Distributions.Progress progress) {
        var unused = find(null, spark, progress);
    }

    /**
     * Why {@link #fetch} cannot succeed, as far as this is known without a network: the rest of a sentence, or empty.
     */
    public Optional<String> problem(String spark) {
        String program = program(null);
        if (LocalSupport.isOnPath(program) && Files.isDirectory(folder(spark))) {
            return Optional.empty();
        }
        try {
            Optional<Probe> probe = probe(program);
            if (probe.isEmpty()) {
                return Optional.of("needs Python: " + noPython(program).replace("\n    ", " "));
            }
            boolean hasPySpark = minor(probe.get().pyspark()).equals(minor(spark));
            return hasPySpark || probe.get().hasPip()
                    ? Optional.empty()
                    : Optional.of("needs pyspark " + spark + ", which " + program
                            + " does not have, and no pip to download it. "
                            + install(spark));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private String program(@Nullable String named) {
        String wanted = named == null ? environment.getOrDefault(PYTHON_VARIABLE, "") : named;
        return wanted.isBlank() ? DEFAULT_PYTHON : wanted;
    }

    private Path folder(String spark) {
        return cache.resolve("pyspark-" + spark);
    }

    /** The folder itself and the archive of py4j in it. */
    private static ImmutableList<Path> path(Path folder) throws IOException {
        try (Stream<Path> archives = Files.list(folder.resolve("lib"))) {
            return ImmutableList.<Path>builder()
                    .add(folder)
                    .addAll(archives.sorted().iterator())
                    .build();
        }
    }

    /** "3.5" of "3.5.4"; empty for no version. */
    private static String minor(String version) {
        int dot = version.indexOf('.', version.indexOf('.') + 1);
        return dot < 0 ? "" : version.substring(0, dot);
    }

    private static String noPython(String program) {
        return "The program " + program
                + " is not Python 3.8 or later, or does not start.\n    Install Python (on Debian and Ubuntu:"
                + " sudo apt-get install python3 python3-pip), or name its program in " + PYTHON_VARIABLE + ".";
    }

    /** Works also where the packages of the system's Python may not be changed, as on Debian. */
    private static String install(String spark) {
        return "Install it: python3 -m venv ~/pyspark && ~/pyspark/bin/pip install pyspark==" + spark + " && export "
                + PYTHON_VARIABLE + "=~/pyspark/bin/python";
    }

    /** Empty if the program is not a supported Python. */
    private Optional<Probe> probe(String program) throws IOException {
        ProcessBuilder builder = process(ImmutableList.of(program, "-c", resource("pyspark-probe.py")), temporary())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return Optional.empty();
        }
        if (!await(process, PROBE_TIMEOUT, () -> {}) || process.exitValue() != 0) {
            return Optional.empty();
        }
        // The pipe has kept all: it is less than 4 KiB.
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        return lines.size() == 6 && isSupported(lines.get(0))
                ? Optional.of(new Probe(
                        lines.get(1),
                        lines.get(0),
                        lines.get(2),
                        lines.get(3),
                        lines.get(4),
                        lines.get(5).equals("pip")))
                : Optional.empty();
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }

    /** What Spark 3.5 supports: 3.8 and later. */
    private static boolean isSupported(String version) {
        String[] parts = version.split("\\.", -1);
        return parts.length > 1
                && parts[0].equals("3")
                && parts[1].chars().allMatch(Character::isDigit)
                && Integer.parseInt(parts[1]) >= 8;
    }

    private void download(Probe probe, String spark, Path folder, Distributions.Progress progress) throws IOException {
        if (!probe.hasPip()) {
            throw failed(spark, probe.program() + " has no pip");
        }
        ProcessLock held = ProcessLock.acquire(cache.resolve("pyspark.lock"));
        try {
            if (Files.isDirectory(folder)) {
                return;
            }
            deletePartial();
            Path partial = Files.createTempDirectory(cache, "pyspark.partial");
            try {
                Path packages = Files.createDirectory(partial.resolve("packages"));
                Path unpacked = Files.createDirectory(partial.resolve("unpacked"));
                run(
                        ImmutableList.of(
                                probe.program(),
                                "-m",
                                "pip",
                                "download",
                                "--disable-pip-version-check",
                                "--no-input",
                                "--no-cache-dir",
                                "--no-deps",
                                "--dest",
                                packages.toString(),
                                "pyspark==" + spark),
                        partial,
                        spark,
                        () -> progress.fetched("pyspark-" + spark, 0, bytes(partial)));
                progress.fetched("pyspark-" + spark, 1, bytes(packages));
                run(
                        ImmutableList.of(
                                probe.program(),
                                "-c",
                                resource("pyspark-unpack.py"),
                                packages.toString(),
                                unpacked.toString()),
                        partial,
                        spark,
                        () -> {});
                Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                delete(partial);
            }
        } finally {
            held.close();
        }
    }

    /** Runs a program that prints its errors, in a folder for its temporary files. */
    private void run(ImmutableList<String> command, Path partial, String spark, Runnable whileRunning)
            throws IOException {
        Path output = partial.resolve("output");
        Process process = process(command, partial)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!await(process, downloadTimeout, whileRunning)) {
            throw failed(spark, "pip did not end within " + text(downloadTimeout) + ", and was stopped");
        }
        if (process.exitValue() != 0) {
            List<String> lines = new ArrayList<>(Files.readAllLines(output, StandardCharsets.ISO_8859_1));
            lines.removeIf(line -> !line.startsWith("ERROR: "));
            throw failed(
                    spark,
                    lines.isEmpty()
                            ? "pip ended with exit code " + process.exitValue()
                            : lines.get(lines.size() - 1).substring("ERROR: ".length()));
        }
    }

    private static String text(Duration time) {
        return time.toMinutes() > 0 ? time.toMinutes() + " minutes" : time.toSeconds() + " seconds";
    }

    /** In a folder that has no Python files, because Python finds those of its working folder first. */
    private ProcessBuilder process(ImmutableList<String> command, Path folder) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().clear();
        builder.environment().putAll(environment);
        // pip's settings and the user's packages, also when a program of a step asks, which has another home folder.
        builder.environment().put("HOME", System.getProperty("user.home", ""));
        builder.environment().put("TMPDIR", folder.toString());
        return builder;
    }

    private static boolean await(Process process, Duration timeout, Runnable whileRunning) {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (!process.waitFor(PROGRESS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() > end) {
                    return false;
                }
                whileRunning.run();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalSetupException("Interrupted while " + process.info().command() + " was running.", e);
        } finally {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    private static LocalSetupException failed(String spark, String why) {
        return new LocalSetupException(
                "PySpark steps need the package pyspark " + spark + ", and it could not be downloaded: " + why
                        + ".\n    " + install(spark),
                null);
    }

    /** What killed processes left. */
    private void deletePartial() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(cache, "pyspark.partial*")) {
            for (Path partial : all) {
                delete(partial);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    /** The size of the package, which pip moves from a folder for temporary files, where it also unpacks it. */
    private static long bytes(Path folder) {
        long bytes = 0;
        for (Path file : MoreFiles.fileTraverser().depthFirstPreOrder(folder)) {
            if (String.valueOf(file.getFileName()).startsWith("pyspark-") && Files.isRegularFile(file)) {
                bytes = Math.max(bytes, file.toFile().length());
            }
        }
        return bytes;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = PySpark.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
