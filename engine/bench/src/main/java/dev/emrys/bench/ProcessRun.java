package dev.emrys.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process from its start to its end.
 *
 * @param output of its standard output, in lines
 * @param errors of its standard error, as one text
 * @param cpuSeconds user and system time of the process, without its children; too small by at most 10 ms
 * @param peakMebibytes the peak of its resident memory; NaN where there is no /proc
 */
record ProcessRun(List<String> output, String errors, double seconds, double cpuSeconds, double peakMebibytes) {
    private static final int POLL_MILLIS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final double KIBIBYTES = 1024.0;

    /** The process ended with an error, or not in time. */
    static final class FailedException extends RuntimeException {
        FailedException(String message) {
            super(message);
        }
    }

    /**
     * Runs a command.
     *
     * @param folder the working folder
     * @throws FailedException when it does not end with 0 within 10 minutes
     */
    static ProcessRun of(List<String> command, Path folder, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "process", ".out");
        Path errors = Files.createTempFile(folder, "process", ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        long begin = System.nanoTime();
        Process process = builder.start();
        Duration cpu = Duration.ZERO;
        double peak = Double.NaN;
        boolean ended = false;
        while (!ended) {
            cpu = process.info().totalCpuDuration().orElse(cpu);
            peak = peakMebibytes(process.pid()).orElse(peak);
            ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (!ended && System.nanoTime() - begin > LIMIT.toNanos()) {
                process.destroyForcibly();
                throw new FailedException("not ended after " + LIMIT);
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        String problem = Files.readString(errors);
        if (process.exitValue() != 0) {
            throw new FailedException("exit " + process.exitValue() + ": " + problem.strip());
        }
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        Files.delete(output);
        Files.delete(errors);
        return new ProcessRun(lines, problem, seconds, cpu.toNanos() / 1e9, peak);
    }

    /** See man 5 proc, VmHWM. */
    private static Optional<Double> peakMebibytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmHWM:")) {
                    String number = line.replaceAll("[^0-9]", "");
                    return Optional.of(Double.parseDouble(number) / KIBIBYTES);
                }
            }
        } catch (IOException e) {
            // It has ended, or this is not Linux.
        }
        return Optional.empty();
    }
}
