package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import dev.emrys.local.LaunchCommand.UnsupportedStepException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a step into a command of this machine. Create one per step; not thread-safe. */
final class LaunchCommandFactory {
    private static final String SPARK_SUBMIT = "org.apache.spark.deploy.SparkSubmit";
    private static final String SPARK_SQL = "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver";

    /** The flags of Hadoop's own launch scripts for a JVM of version 17 or later. */
    private static final ImmutableList<String> HADOOP_FLAGS =
            ImmutableList.of("-XX:+IgnoreUnrecognizedVMOptions", "--add-opens=java.base/java.lang=ALL-UNNAMED");

    /**
     * Who connects to a port of the driver must know a secret that Spark makes for each application. As Java
     * properties, which Spark reads first: a setting of the author, also one in a properties file, wins.
     *
     * @see <a
     *     href="https://spark.apache.org/docs/3.5.4/security.html#spark-rpc-communication-protocol-between-spark-processes">Spark Security</a>
     */
    private static final ImmutableList<String> NETWORK_DEFAULTS = ImmutableList.of(
            "-Dspark.authenticate=true",
            "-Dspark.driver.bindAddress=127.0.0.1",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.ui.enabled=false");

    private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Account account;
    private final StepSoftware software;
    private final StepLaunch launch;
    private final Path folder;
    private final List<String> warnings = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private boolean jvm;

    /** The programs that steps run on. */
    interface StepSoftware {
        StepJvm jvm();

        /** The Spark of the cluster's release label, or the one in place of it. */
        Distribution spark();

        /** What is not as on clusters of the release label, as far as it is known; empty for nothing. */
        String releaseWarning();

        /** The jars of the distribution, after what this JVM needs. */
        ImmutableList<Path> classPath(Distribution distribution);

        /**
         * The jars of Emrys for programs of a distribution, such as the file systems of {@code s3://} and {@code
         * hdfs://}.
         */
        ImmutableList<Path> ownJars(Distribution distribution);

        /** The class-data archive of Spark's class path, if there is one. */
        Optional<Path> classArchive();

        /** The flags that Spark's launcher gives a JVM of this version. */
        ImmutableList<String> moduleFlags();

        /** Emrys's version of the Spark examples, which the registry does not have. */
        Path sparkExamples();

        /** Emrys's version of s3-dist-cp, which AWS does not publish. */
        Path s3DistCp();

        /** Python for a program of Spark; {@code program}: null for the default. */
        PySpark.Python python(@Nullable String program);

        /** The jar of Hadoop's MapReduce examples. */
        Path hadoopExamples();
    }

    LaunchCommandFactory(Account account, StepSoftware software, StepLaunch launch) {
        this.account = account;
        this.software = software;
        this.launch = launch;
        this.folder = account.step(launch.clusterId(), launch.stepId());
    }

    /**
     * Makes the command.
     *
     * @throws UnsupportedStepException when this machine does not run such a step, or its jar or script does not exist
     * @throws IOException when the step's jar or script cannot be read
     */
    LaunchCommand create(LocalStep step) throws UnsupportedStepException, IOException {
        var reason = LocalSupport.unsupported(step);
        if (reason.isPresent()) {
            throw new UnsupportedStepException("This machine does not run such a step. " + reason.get());
        }
        PrivateFiles.createFolder("folder", Leftovers.temporaryFolder(folder));
        variables.putAll(exports());
        List<String> command = step.accept(new Commands()).build();
        String warning = software.releaseWarning();
        if (!warning.isEmpty()) {
            warnings.add(0, warning);
        }
        return new LaunchCommand(
                ImmutableList.copyOf(command),
                jvm,
                ImmutableMap.copyOf(variables),
                ImmutableList.copyOf(warnings),
                ImmutableList.copyOf(notes));
    }

    /** Builds a command; a visitor cannot throw checked exceptions. */
    private interface CommandBuilder {
        List<String> build() throws UnsupportedStepException, IOException;
    }

    private final class Commands implements LocalStep.Visitor<CommandBuilder> {
        @Override
        public CommandBuilder sparkSubmit(LocalStep.SparkSubmit step) {
            return () -> {
                List<String> words = new ArrayList<>(step.arguments().application());
                if (!words.isEmpty()) {
                    String application = asPath(words.get(0));
                    words.replaceAll(LaunchCommandFactory::asHadoopPath);
                    words.set(0, application);
                    if (ClusterPaths.isSparkExamples(application)) {
                        words.set(0, software.sparkExamples().toString());
                        warnings.add("The jar of the Spark examples is Emrys's own version of it here.");
                    } else if (step.isPython()) {
                        words.set(0, python(step, application));
                    }
                }
                return spark(step.arguments(), ImmutableList.of(), words, step.properties());
            };
        }

        @Override
        public CommandBuilder sparkSql(LocalStep.SparkSql step) {
            return () -> {
                List<String> words = new ArrayList<>();
                words.add("spark-internal");
                step.arguments().application().forEach(word -> words.add(asPath(word)));
                return spark(step.arguments(), ImmutableList.of("--class", SPARK_SQL), words, step.properties());
            };
        }

        @Override
        public CommandBuilder hadoopJar(LocalStep.HadoopJar step) {
            return () -> {
                Path jar = ClusterPaths.isHadoopExamples(step.jar()) ? software.hadoopExamples() : stage(step.jar());
                List<String> command = java(Distribution.HADOOP, 1024, List.of(), "", step.properties());
                command.add("org.apache.hadoop.util.RunJar");
                command.add(jar.toString());
                String mainClass = step.mainClass();
                if (mainClass != null && !mainClass.isBlank()) {
                    command.add(mainClass);
                }
                step.args().forEach(argument -> command.add(asHadoopPath(argument)));
                return command;
            };
        }

        @Override
        public CommandBuilder fileSystemShell(LocalStep.FileSystemShell step) {
            return () -> hadoop(512, "", "org.apache.hadoop.fs.FsShell", step.args(), step.properties());
        }

        @Override
        public CommandBuilder hadoopClass(LocalStep.HadoopClass step) {
            return () -> hadoop(512, "", step.mainClass(), step.args(), step.properties());
        }

        @Override
        public CommandBuilder streaming(LocalStep.Streaming step) {
            return () -> {
                warnings.add("The hadoop-streaming of Hadoop 3.4.2 runs here, with Hadoop's local job runner.");
                return hadoop(1024, "", "org.apache.hadoop.streaming.HadoopStreaming", step.args(), step.properties());
            };
        }

        @Override
        public CommandBuilder hive(LocalStep.Hive step) {
            return () -> {
                warnings.add(step.program() + " runs on Spark SQL "
                        + software.spark().version()
                        + " here, with the tables of the cluster's spark-sql steps: settings of Hive's engines have no effect, and LOCK,"
                        + " EXPORT, IMPORT and transactions are not supported.");
                step.ignored().forEach(option -> warnings.add(option + " is ignored: no server is used here."));
                return sparkSql(new LocalStep.SparkSql(
                                new SparkArguments(ImmutableList.of(), step.args()), step.properties()))
                        .build();
            };
        }

        @Override
        public CommandBuilder pig(LocalStep.Pig step) {
            return () -> {
                warnings.add("Pig 0.17.0 runs here with Hadoop's local job runner, not on Tez or YARN.");
                // By default Pig looks every 5 seconds whether a job has ended, which is long for jobs in the same
                // process.
                List<String> flags = ImmutableList.of("-Dpig.jobcontrol.sleep=100");
                List<String> command = java(Distribution.PIG, 1024, flags, "", step.properties());
                // With -x local, Pig would use this machine's disk instead of HDFS.
                command.addAll(List.of("org.apache.pig.Main", "-x", "mapreduce"));
                step.arguments().words().forEach(word -> command.add(asHadoopPath(word)));
                return command;
            };
        }

        @Override
        public CommandBuilder distCp(LocalStep.DistCp step) {
            return () -> {
                if (step.program().equals("s3-dist-cp")) {
                    warnings.add("Emrys's own s3-dist-cp runs here, in one process.");
                    String jar = software.s3DistCp().toString();
                    return hadoop(512, jar, "dev.emrys.s3distcp.S3DistCp", step.args(), step.properties());
                }
                return hadoop(1024, "", "org.apache.hadoop.tools.DistCp", step.args(), step.properties());
            };
        }

        @Override
        public CommandBuilder script(LocalStep.Script step) {
            return () -> {
                Path script = stage(asPath(step.script()));
                rewriteScript(script);
                if (!script.toFile().setExecutable(true)) {
                    throw new IOException(script + " cannot be made executable.");
                }
                List<String> command = new ArrayList<>(List.of("bash", script.toString()));
                step.args().forEach(argument -> command.add(asPath(argument)));
                return command;
            };
        }

        @Override
        public CommandBuilder shell(LocalStep.Shell step) {
            return () -> {
                List<String> command = new ArrayList<>();
                step.command().forEach(word -> command.add(rewrite(asPath(word))));
                return command;
            };
        }

        @Override
        public CommandBuilder noOperation(LocalStep.NoOperation step) {
            return () -> {
                warnings.add(step.program() + " does nothing here: there is no debugging console.");
                return List.of("true");
            };
        }

        @Override
        public CommandBuilder unsupported(LocalStep.Unsupported step) {
            return unreachable();
        }

        private List<String> hadoop(
                int heapMegabytes,
                String firstOnClassPath,
                String mainClass,
                List<String> args,
                ImmutableMap<String, String> properties) {
            List<String> command = java(Distribution.HADOOP, heapMegabytes, List.of(), firstOnClassPath, properties);
            command.add(mainClass);
            args.forEach(argument -> command.add(asHadoopPath(argument)));
            return command;
        }

        private CommandBuilder unreachable() {
            throw new IllegalStateException("LocalSupport does not allow this step.");
        }
    }

    /**
     * A {@code file:} URI as the path it means. Hadoop does not decode URIs and bash does not know them, but an author
     * can write a path with a space or a letter beyond ASCII only as an encoded URI.
     */
    private static String asPath(String argument) {
        if (!argument.startsWith("file:/")) {
            return argument;
        }
        try {
            return Path.of(URI.create(argument)).toString();
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return argument;
        }
    }

    /** As {@link #asPath}, but with {@code file:} in front: Hadoop takes a path without a scheme for one of HDFS. */
    private static String asHadoopPath(String argument) {
        String path = asPath(argument);
        return path.equals(argument) ? argument : "file:" + path;
    }

    private List<String> spark(
            SparkArguments arguments,
            ImmutableList<String> first,
            List<String> application,
            ImmutableMap<String, String> properties)
            throws IOException {
        SparkCommandLine line = new SparkCommandLine();
        for (StepLaunch.Classification one : launch.configurations()) {
            if (one.name().equals("spark-defaults")) {
                one.properties().forEach(line::addDefault);
            }
        }
        for (SparkArguments.Option option : arguments.options()) {
            String value = option.value();
            line.add(value == null ? option : new SparkArguments.Option(option.name(), asPath(value)));
        }
        Path cluster = account.cluster(launch.clusterId());
        line.addOption("--master", "local[*]");
        // Not encoded as a URI: Hadoop does not decode it, and a path with a space would name another folder.
        line.setIfAbsent("spark.sql.warehouse.dir", "file:" + cluster.resolve("warehouse"));
        if (line.sets("spark.hadoop." + ClusterMetastore.URIS)) {
            line.setIfAbsent("spark.hadoop.hive.metastore.sasl.enabled", "false");
        } else if (line.sets("spark.hadoop.javax.jdo.option.ConnectionURL")) {
            // The author's own database, which the program opens itself.
            line.addOption("--conf", "spark.hadoop." + ClusterMetastore.URIS + "=");
        }
        ClusterMetastore metastore = new ClusterMetastore(cluster);
        storeMetastoreCommand(metastore);
        int heap = line.heapMegabytes();
        warnings.addAll(line.warnings());
        Path hdfs = cluster.resolve("hdfs");
        // A JVM with another class path refuses the archive.
        Optional<Path> archive = line.classPath().isEmpty() ? software.classArchive() : Optional.empty();
        ImmutableList<String> flags = ImmutableList.<String>builder()
                .addAll(JvmTuning.ofSpark(StepInput.bytes(account, hdfs, application), line.javaOptions(), archive))
                .addAll(NETWORK_DEFAULTS)
                .add("-D" + ClusterMetastore.PROPERTY + "=" + metastore.folder())
                .addAll(line.javaOptions())
                .build();
        List<String> command = java(software.spark(), heap, flags, line.classPath(), properties);
        command.add(SPARK_SUBMIT);
        command.addAll(first);
        command.addAll(line.options());
        command.addAll(application);
        return command;
    }

    /** Prepares the environment for a Python program, and returns its path. */
    private String python(LocalStep.SparkSubmit step, String application) {
        PySparkVariables python = new PySparkVariables(
                step.arguments(),
                launch.configurations(),
                ImmutableMap.copyOf(variables),
                System.getenv().getOrDefault(PySparkVariables.PATH, ""));
        PySpark.Python found = software.python(python.program());
        variables.putAll(python.variables(found));
        notes.add(python.note(found));
        python.warning(found).ifPresent(warnings::add);
        Optional<String> example = ClusterPaths.sparkPythonExample(application);
        if (example.isEmpty()) {
            return application;
        }
        Path folder = found.examples()
                .orElseThrow(() -> new LocalSetupException(
                        "The pyspark of " + found.program() + " has no examples, of which " + application
                                + " is one.\n    Name a Python without pyspark, for which it is downloaded, or the path of a copy of the program.",
                        null));
        return folder.resolve(example.get()).toString();
    }

    /** Copies a file into the step's folder, so that a running step does not change when the file is built again. */
    private Path stage(String uri) throws UnsupportedStepException, IOException {
        Path source;
        if (uri.startsWith("file:")) {
            source = Path.of(URI.create(uri));
        } else if (uri.contains("://")) {
            source = account.path(uri);
        } else {
            source = Path.of(uri);
        }
        if (!Files.isRegularFile(source)) {
            throw new UnsupportedStepException(uri + " does not exist"
                    + (uri.startsWith("s3") ? ": on this machine it would be " + source : "") + ".");
        }
        // In a folder of its own, because a script may have the name of one of the supervisor's files.
        Path code = folder.resolve("code");
        PrivateFiles.createFolders(code);
        Path staged = code.resolve(String.valueOf(source.getFileName()));
        Files.deleteIfExists(staged);
        try (OutputStream out = PrivateFiles.write(staged)) {
            Files.copy(source, out);
        }
        return staged;
    }

    /** In ISO-8859-1, which keeps every byte of the script. */
    private void rewriteScript(Path script) throws IOException {
        String text = Files.readString(script, StandardCharsets.ISO_8859_1);
        String rewritten = rewrite(text);
        if (!rewritten.equals(text)) {
            Files.writeString(script, rewritten, StandardCharsets.ISO_8859_1);
        }
    }

    /** Replaces the known paths of a cluster in a shell command. */
    private String rewrite(String text) {
        return ClusterPaths.rewrite(text, known -> {
            Path path = switch (known) {
                case ClusterPaths.SPARK_EXAMPLES_JAR -> software.sparkExamples();
                case ClusterPaths.HADOOP_EXAMPLES_JAR -> software.hadoopExamples();
                default ->
                    ShellPrograms.folder(account.cluster(launch.clusterId())).resolve(known);
            };
            String replacement = ClusterPaths.word(path, known);
            String warning = "The path of " + known + " in the command is " + replacement + " here.";
            if (!warnings.contains(warning)) {
                warnings.add(warning);
            }
            return replacement;
        });
    }

    private List<String> java(
            Distribution distribution,
            int heapMegabytes,
            List<String> flags,
            String firstOnClassPath,
            ImmutableMap<String, String> properties) {
        jvm = true;
        StepJvm jvmOfSteps = software.jvm();
        String warning = "Java " + jvmOfSteps.version() + " runs Hadoop with a change of Emrys; EMR 7 uses Java 17.";
        if (jvmOfSteps.needsSubjectPatch() && !warnings.contains(warning)) {
            warnings.add(warning);
        }
        boolean spark = distribution.isSpark();
        return new HadoopJvm(
                        account, account.cluster(launch.clusterId()), jvmOfSteps, Leftovers.temporaryFolder(folder))
                .command(
                        spark ? software.moduleFlags() : HADOOP_FLAGS,
                        heapMegabytes,
                        spark
                                ? flags
                                : ImmutableList.<String>builder()
                                        .addAll(JvmTuning.ofHadoop())
                                        .addAll(flags)
                                        .build(),
                        properties,
                        classPath(distribution),
                        firstOnClassPath);
    }

    /** Stores the command of the service that a program with Hive support starts. */
    private void storeMetastoreCommand(ClusterMetastore metastore) throws IOException {
        metastore.store(ImmutableList.<String>builder()
                .addAll(new HadoopJvm(account, metastore.cluster(), software.jvm(), metastore.temporaryFolder())
                        .command(
                                software.moduleFlags(),
                                ClusterMetastore.HEAP_MEGABYTES,
                                JvmTuning.ofSpark(OptionalLong.of(0), ImmutableList.of(), software.classArchive()),
                                ImmutableMap.of(),
                                classPath(software.spark()),
                                ""))
                .add(ClusterMetastore.MAIN_CLASS)
                .build());
    }

    /** The settings come before those in the jars of Emrys. */
    private ImmutableList<Path> classPath(Distribution distribution) {
        ImmutableList<Path> jars = software.classPath(distribution);
        Path settings = account.cluster(launch.clusterId()).resolve("conf");
        ImmutableList.Builder<Path> own = ImmutableList.builder();
        if (Files.isDirectory(settings)) {
            own.add(settings);
        }
        own.addAll(software.ownJars(distribution));
        // A class-data archive is of the first part of a class path, and knows no folders. Spark's jars have no
        // settings of these names.
        boolean jarsFirst = distribution.isSpark();
        return ImmutableList.<Path>builder()
                .addAll(jarsFirst ? jars : own.build())
                .addAll(jarsFirst ? own.build() : jars)
                .build();
    }

    /**
     * The variables that {@code hadoop-env}, {@code spark-env} and similar configurations export, without those of AWS
     * accounts.
     */
    private ImmutableMap<String, String> exports() {
        ImmutableMap.Builder<String, String> exports = ImmutableMap.builder();
        launch.configurations().stream()
                .filter(one -> one.name().endsWith("-env"))
                .flatMap(one -> one.nested().stream())
                .filter(nested -> nested.name().equals("export"))
                .flatMap(nested -> nested.properties().entrySet().stream())
                .forEach(entry -> {
                    if (!VARIABLE_NAME.matcher(entry.getKey()).matches()) {
                        // Not named: an author may have written the value into the name.
                        warnings.add("An export is ignored: its name is not one of a variable.");
                    } else if (StepEnvironment.isAccountVariable(entry.getKey())) {
                        warnings.add("The export " + entry.getKey() + " is ignored on this machine.");
                    } else {
                        exports.put(entry);
                    }
                });
        return exports.buildKeepingLast();
    }
}
