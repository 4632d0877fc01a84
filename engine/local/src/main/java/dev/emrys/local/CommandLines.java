package dev.emrys.local;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepOrder;
import dev.emrys.local.LocalCommand.NotRunHereException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * From a step as EMR is given it to a command of this machine: {@code command-runner.jar}'s arguments, script-runner and custom jars,
 * as the EMR Release Guide describes them ("Run commands and scripts on an EMR cluster").
 */
final class CommandLines {
    private static final String SPARK_SUBMIT = "org.apache.spark.deploy.SparkSubmit";
    /** What Hadoop's own launcher scripts give a JVM of 17 and later. */
    private static final ImmutableList<String> HADOOP_FLAGS =
            ImmutableList.of("-XX:+IgnoreUnrecognizedVMOptions", "--add-opens=java.base/java.lang=ALL-UNNAMED");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Account account;
    private final Jvm jvm;
    private final StepOrder order;
    private final List<String> notes = new ArrayList<>();

    /** Where programs for steps are found. */
    interface Jvm {
        Path java();

        /** The toolkit's jars, ours for {@code s3://} first. */
        ImmutableList<Path> classPath(Toolkit toolkit);

        /** The flags that Spark's own launcher gives a JVM of this version. */
        ImmutableList<String> moduleFlags();

        /** Our Spark examples: a cluster has some at /usr/lib/spark/examples. */
        Path sparkExamples();
    }

    CommandLines(Account account, Jvm jvm, StepOrder order) {
        this.account = account;
        this.jvm = jvm;
        this.order = order;
    }

    /**
     * The command for the step.
     *
     * @throws NotRunHereException when this machine does not run such a step
     * @throws IOException when the step's jar or script cannot be read
     */
    LocalCommand command() throws NotRunHereException, IOException {
        ImmutableList<String> args =
                order.args().stream().map(CommandLines::plain).collect(ImmutableList.toImmutableList());
        var reason = NotHere.step(order.jar(), args);
        if (reason.isPresent()) {
            throw new NotRunHereException("This machine does not run such a step. " + reason.get());
        }
        String note = Toolkit.noteFor(order.releaseLabel());
        if (!note.isEmpty()) {
            notes.add(note);
        }
        List<String> command;
        if (order.jar().equals("command-runner.jar")) {
            command = commandRunner(order.args(), args);
        } else if (order.jar().endsWith("/script-runner.jar")) {
            command = scriptRunner(args);
        } else {
            command = hadoopJar(order.jar(), order.mainClass(), ofHadoop(order.args()));
        }
        ImmutableMap<String, String> exports = exports();
        return new LocalCommand(ImmutableList.copyOf(command), exports, ImmutableList.copyOf(notes));
    }

    /**
     * An argument of a program of Hadoop's: a {@code file:} URI stays one, or it would be a path of HDFS, but is decoded, for Hadoop does not.
     */
    private static String ofHadoop(String argument) {
        String plain = plain(argument);
        return plain.equals(argument) ? argument : "file:" + plain;
    }

    private static List<String> ofHadoop(List<String> arguments) {
        return arguments.stream().map(CommandLines::ofHadoop).toList();
    }

    /**
     * A {@code file:} URI as the path it means: Hadoop does not decode URIs, bash knows none, and a path with a space or a letter
     * beyond ASCII is written as one only when it is encoded.
     */
    private static String plain(String argument) {
        if (!argument.startsWith("file:/")) {
            return argument;
        }
        try {
            return Path.of(java.net.URI.create(argument)).toString();
        } catch (IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
            return argument;
        }
    }

    /** @param written the arguments as EMR gets them; {@code args}: the same for programs that know no URIs */
    private List<String> commandRunner(ImmutableList<String> written, ImmutableList<String> args)
            throws NotRunHereException, IOException {
        String name = args.get(0);
        ImmutableList<String> rest = args.subList(1, args.size());
        ImmutableList<String> uris = written.subList(1, written.size());
        return switch (name) {
            case "spark-submit" -> sparkSubmit(uris);
            case "spark-sql" -> sparkSql(rest);
            case "spark-example", "run-example" -> sparkExample(uris);
            case "hadoop" -> hadoop(uris);
            case "hdfs" -> fsShell(uris.subList(1, uris.size()));
            case "script-runner.jar" -> scriptRunner(rest);
            case "state-pusher-script" -> {
                notes.add("state-pusher-script does nothing here: there is no debugging console to push to.");
                yield List.of("true");
            }
            default -> args;
        };
    }

    private List<String> sparkSubmit(ImmutableList<String> args) {
        SparkArguments parsed = SparkArguments.parse(args, false);
        String application = plain(parsed.rest.get(0));
        arguments(parsed);
        parsed.rest.set(0, application);
        if (application.startsWith("/usr/lib/spark/examples/jars/spark-examples")) {
            parsed.rest.set(0, jvm.sparkExamples().toString());
            notes.add(application + " is Emrys's own examples here.");
        }
        return spark(parsed, ImmutableList.of(), parsed.rest);
    }

    /** What the application gets is Hadoop's to read, what spark-submit itself gets is not. */
    private static void arguments(SparkArguments parsed) {
        parsed.options.replaceAll(CommandLines::plain);
        parsed.rest.replaceAll(CommandLines::ofHadoop);
    }

    private List<String> sparkExample(ImmutableList<String> args) {
        SparkArguments parsed = SparkArguments.parse(args, false);
        arguments(parsed);
        String name = parsed.rest.get(0);
        String mainClass = name.contains(".") ? name : "org.apache.spark.examples." + name;
        List<String> application = new ArrayList<>();
        application.add(jvm.sparkExamples().toString());
        application.addAll(parsed.rest.subList(1, parsed.rest.size()));
        return spark(parsed, ImmutableList.of("--class", mainClass), application);
    }

    private List<String> sparkSql(ImmutableList<String> args) {
        SparkArguments parsed = SparkArguments.parse(args, true);
        List<String> application = new ArrayList<>();
        application.add("spark-internal");
        application.addAll(parsed.rest);
        return spark(
                parsed,
                ImmutableList.of("--class", "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver"),
                application);
    }

    private List<String> spark(SparkArguments parsed, ImmutableList<String> first, List<String> application) {
        List<String> asked = List.copyOf(parsed.options);
        parsed.options.clear();
        for (StepOrder.Classification one : order.configurations()) {
            if (one.name().equals("spark-defaults")) {
                one.properties()
                        .forEach((key, value) -> parsed.conf(key + "=" + value, SparkArguments.Source.DEFAULTS));
            }
        }
        // What the author says for the step stands after what the cluster says, and wins.
        parsed.options.addAll(asked);
        Path cluster = account.cluster(order.clusterId());
        parsed.options.addAll(List.of("--master", "local[*]"));
        setting(parsed, "spark.ui.enabled", "false");
        setting(parsed, "spark.driver.bindAddress", "127.0.0.1");
        setting(parsed, "spark.driver.host", "127.0.0.1");
        // Not as a URI: Hadoop does not decode one, and a path with a blank would name another folder.
        setting(parsed, "spark.sql.warehouse.dir", "file:" + cluster.resolve("warehouse"));
        setting(
                parsed,
                "spark.hadoop.javax.jdo.option.ConnectionURL",
                "jdbc:derby:;databaseName=" + cluster.resolve("metastore_db") + ";create=true");
        int heap = parsed.heapMegabytes();
        notes.addAll(parsed.notes);
        List<String> command = java(Toolkit.SPARK, heap, parsed.javaOptions(), parsed.classPath());
        command.add(SPARK_SUBMIT);
        command.addAll(first);
        command.addAll(parsed.options);
        command.addAll(application);
        return command;
    }

    private static void setting(SparkArguments parsed, String key, String value) {
        String prefix = key + "=";
        if (parsed.options.stream().noneMatch(option -> option.startsWith(prefix))) {
            parsed.options.add("--conf");
            parsed.options.add(prefix + value);
        }
    }

    private List<String> hadoop(ImmutableList<String> args) throws NotRunHereException, IOException {
        if (args.get(0).equals("jar")) {
            return hadoopJar(plain(args.get(1)), null, ofHadoop(args.subList(2, args.size())));
        }
        return fsShell(args.subList(1, args.size()));
    }

    private List<String> fsShell(ImmutableList<String> args) {
        List<String> command = java(Toolkit.HADOOP, 512);
        command.add("org.apache.hadoop.fs.FsShell");
        command.addAll(ofHadoop(args));
        return command;
    }

    private List<String> hadoopJar(String jar, @org.jspecify.annotations.Nullable String mainClass, List<String> args)
            throws NotRunHereException, IOException {
        Path staged = stage(jar);
        List<String> command = java(Toolkit.HADOOP, 1024);
        command.add("org.apache.hadoop.util.RunJar");
        command.add(staged.toString());
        if (mainClass != null && !mainClass.isBlank()) {
            command.add(mainClass);
        }
        command.addAll(args);
        return command;
    }

    private List<String> scriptRunner(ImmutableList<String> args) throws NotRunHereException, IOException {
        Path script = stage(args.get(0));
        if (!script.toFile().setExecutable(true)) {
            throw new IOException(script + " cannot be made executable.");
        }
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(args.subList(1, args.size()));
        return command;
    }

    /** A copy in the step's folder: what the step runs must not change under it when somebody builds anew. */
    private Path stage(String uri) throws NotRunHereException, IOException {
        Path source;
        if (uri.startsWith("file:")) {
            source = Path.of(java.net.URI.create(uri));
        } else if (uri.contains("://")) {
            source = account.path(uri);
        } else {
            source = Path.of(uri);
        }
        if (!Files.isRegularFile(source)) {
            throw new NotRunHereException(uri + " does not exist"
                    + (uri.startsWith("s3") ? ": on this machine it would be " + source : "") + ".");
        }
        // Apart from what the supervisor keeps in the step's folder: a script may have any name.
        Path folder = account.step(order.clusterId(), order.stepId()).resolve("code");
        Files.createDirectories(folder);
        Path staged = folder.resolve(String.valueOf(source.getFileName()));
        Files.copy(source, staged, StandardCopyOption.REPLACE_EXISTING);
        return staged;
    }

    private List<String> java(Toolkit toolkit, int heapMegabytes) {
        return java(toolkit, heapMegabytes, List.of(), "");
    }

    private List<String> java(Toolkit toolkit, int heapMegabytes, List<String> flags, String first) {
        List<String> command = new ArrayList<>();
        command.add(jvm.java().toString());
        command.addAll(toolkit.equals(Toolkit.SPARK) ? jvm.moduleFlags() : HADOOP_FLAGS);
        // On JDK 23 Hadoop's Subject.getSubject is refused without it (JDK-8296244); on 24 it would be refused itself.
        command.add("-Djava.security.manager=allow");
        // Small data on a small machine: the quick compiler and the simple collector start steps in half the time.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        command.add("-Xmx" + heapMegabytes + "m");
        command.addAll(flags);
        command.add("-Demrys.s3.root=" + account.s3());
        command.add("-Demrys.hdfs.root=" + account.cluster(order.clusterId()).resolve("hdfs"));
        command.add("-Duser.home=" + account.cluster(order.clusterId()).resolve("home"));
        command.add("-Dderby.system.home=" + account.cluster(order.clusterId()));
        for (Map.Entry<String, String> property : order.properties().entrySet()) {
            command.add("-D" + property.getKey() + "=" + property.getValue());
        }
        command.add("-cp");
        ImmutableList.Builder<Path> classPath = ImmutableList.builder();
        Path conf = account.cluster(order.clusterId()).resolve("conf");
        if (Files.isDirectory(conf)) {
            classPath.add(conf);
        }
        String all = Joiner.on(File.pathSeparatorChar)
                .join(classPath.addAll(jvm.classPath(toolkit)).build());
        command.add(first.isEmpty() ? all : first + File.pathSeparatorChar + all);
        return command;
    }

    /**
     * The variables that {@code hadoop-env}, {@code spark-env} and the like export. Those that decide which AWS account is reached are
     * left out: a local step reaches none.
     */
    private ImmutableMap<String, String> exports() {
        ImmutableMap.Builder<String, String> exports = ImmutableMap.builder();
        order.configurations().stream()
                .filter(one -> one.name().endsWith("-env"))
                .flatMap(one -> one.nested().stream())
                .filter(nested -> nested.name().equals("export"))
                .flatMap(nested -> nested.properties().entrySet().stream())
                .forEach(entry -> {
                    if (CleanEnvironment.foreign(entry.getKey())
                            || !NAME.matcher(entry.getKey()).matches()) {
                        notes.add("The export " + entry.getKey() + " is left out on this machine.");
                    } else {
                        exports.put(entry);
                    }
                });
        return exports.buildKeepingLast();
    }
}
