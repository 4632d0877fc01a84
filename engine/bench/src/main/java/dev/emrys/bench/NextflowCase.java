package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Nextflow with its local executor, whose polling interval is set to 10 ms instead of 100: its start, tasks in process,
 * a chain of shell steps.
 */
record NextflowCase(String classPath) implements Case {
    private static final int TASKS = 1_000;
    private static final int HOPS = 20;

    private static final String TUNED = """
            executor { cpus = 1000; queueSize = 1000; pollInterval = '10ms' }
            trace { enabled = true; overwrite = true; raw = true; file = 'trace.tsv'; fields = 'submit,complete' }
            """;
    private static final String NOTHING = "workflow { println 'hello' }\n";
    private static final String WIDE = """
            process noop { input: val x; output: val y; exec: y = x }
            workflow { noop(Channel.of(1..%s)) | count | view }
            """.formatted(TASKS);

    @Override
    public String name() {
        return "nextflow";
    }

    @Override
    public ImmutableList<Row> rows() {
        return ImmutableList.of(
                Row.WIDE_NEXTFLOW,
                Row.CPU_NEXTFLOW,
                Row.LOCAL_HOP_NEXTFLOW,
                Row.START_NEXTFLOW_VERSION,
                Row.START_NEXTFLOW);
    }

    @Override
    public ImmutableList<Sample> measure(Path folder) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("nextflow.config"), TUNED);
        ProcessRun version = nextflow(folder, "-version");
        ProcessRun nothing = run(folder, "nothing", NOTHING);
        ProcessRun wide = run(folder, "wide", WIDE);
        double wideCpu = wide.cpuSeconds() - nothing.cpuSeconds();
        ProcessRun chain = run(folder, "chain", chain());
        return ImmutableList.of(
                new Sample(Row.WIDE_NEXTFLOW, TASKS / (wide.seconds() - nothing.seconds()), wideCpu),
                new Sample(Row.CPU_NEXTFLOW, wideCpu * 1e6 / TASKS, wideCpu),
                new Sample(
                        Row.LOCAL_HOP_NEXTFLOW, tracedMillis(folder) / HOPS, chain.cpuSeconds() - nothing.cpuSeconds()),
                new Sample(Row.START_NEXTFLOW_VERSION, version.seconds(), version.cpuSeconds()),
                new Sample(Row.START_NEXTFLOW, nothing.seconds(), nothing.cpuSeconds()));
    }

    private static String chain() {
        StringBuilder script = new StringBuilder();
        StringBuilder calls = new StringBuilder("Channel.of(1)");
        for (int i = 0; i < HOPS; i++) {
            script.append("process p%s { input: val x; output: val x; script: 'true' }\n".formatted(i));
            calls.append(" | p").append(i);
        }
        return script + "workflow { " + calls + " }\n";
    }

    /** From the first submission to the last completion, by Nextflow's own trace. */
    private static double tracedMillis(Path folder) throws IOException {
        long submitted = Long.MAX_VALUE;
        long completed = 0;
        List<String> lines = Files.readAllLines(folder.resolve("trace.tsv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] columns = line.split("\t", -1);
            submitted = Math.min(submitted, Long.parseLong(columns[0]));
            completed = Math.max(completed, Long.parseLong(columns[1]));
        }
        return completed - submitted;
    }

    private ProcessRun run(Path folder, String name, String script) throws IOException, InterruptedException {
        Files.writeString(folder.resolve(name + ".nf"), script);
        return nextflow(folder, "run", name + ".nf");
    }

    private ProcessRun nextflow(Path folder, String... arguments) throws IOException, InterruptedException {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(JvmCase.java(classPath, options(), "nextflow.cli.Launcher"))
                .add(arguments)
                .build();
        return ProcessRun.of(
                command,
                folder,
                ImmutableMap.of(
                        "NXF_OFFLINE",
                        "true",
                        "NXF_HOME",
                        folder.resolve("home").toString()));
    }

    /** Those of Nextflow's own launcher. */
    private static ImmutableList<String> options() {
        Stream<String> packages = Stream.of(
                "java.io",
                "java.lang",
                "java.net",
                "java.nio",
                "java.nio.file.spi",
                "java.util",
                "java.util.concurrent",
                "java.util.concurrent.atomic",
                "java.util.concurrent.locks",
                "java.util.regex",
                "sun.net.www.protocol.file",
                "sun.net.www.protocol.ftp",
                "sun.net.www.protocol.http",
                "sun.net.www.protocol.https",
                "sun.nio.ch",
                "sun.nio.fs",
                "jdk.internal.misc",
                "jdk.internal.vm");
        return Stream.concat(
                        Stream.of("-XX:TieredStopAtLevel=1"),
                        packages.map(each -> "--add-opens=java.base/" + each + "=ALL-UNNAMED"))
                .collect(ImmutableList.toImmutableList());
    }
}
