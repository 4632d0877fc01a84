package dev.emrys.local;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What EMR supports and this machine does not, decided before anything is started. Thread-safe. */
public final class LocalSupport {
    /** A program of a primary instance that no step has here, at a position where a shell expects a command. */
    private static final Pattern CLUSTER_PROGRAM =
            Pattern.compile("(?m)(?:^|[;&|(`]|\\bthen|\\bdo)\\s*" + "(spark-shell|pyspark|aws)(?=\\s|$)");

    /** What follows "aws" when the command is of S3; options of aws may be between. */
    private static final Pattern S3_COMMAND =
            Pattern.compile("\\s+(?:--[a-z-]+(?:[= ][^-\\s]\\S*)?\\s+)*?(?:s3|s3api|--version)\\b");

    /** Not the name of a folder or a bucket, for instance. */
    private static final Pattern HIVE =
            Pattern.compile("(?m)(?:^|[;&|(`]|\\bthen|\\bdo)\\s*(?:/usr/bin/)?(?:hive|beeline)(?=\\s|$)");

    private static final ImmutableSet<String> APPLICATIONS = ImmutableSet.of("hadoop", "spark", "hive", "pig");

    private LocalSupport() {}

    /**
     * Why this machine does not run a step.
     *
     * @param what a sentence for people
     * @param fix what to do instead, a sentence
     */
    public record Reason(String what, String fix) {
        @Override
        public String toString() {
            return what + " " + fix;
        }
    }

    /** Why this machine cannot run the step; empty when it can. */
    public static Optional<Reason> unsupported(LocalStep step) {
        return step.accept(REASON);
    }

    static Reason notEmulated(String program) {
        return new Reason(
                "\"" + program + "\" is not emulated.",
                "Emulated are spark-submit, spark-sql, spark-example, hive-script, hadoop, hdfs dfs,"
                        + " hadoop-streaming, s3-dist-cp, pig, bash and script-runner.jar.");
    }

    /**
     * A program that the step calls and that is missing on this machine: the rest of a sentence, or empty. It is only a
     * warning, because the cluster's exports or an earlier step may provide the program.
     */
    public static Optional<String> warning(LocalStep step) {
        if (step instanceof LocalStep.Streaming streaming) {
            return StreamingArguments.programs(streaming.args()).stream()
                    .filter(program -> !isOnPath(program))
                    .findFirst()
                    .map(LocalSupport::missing);
        }
        return step instanceof LocalStep.Shell shell ? missingProgram(shell.command()) : Optional.empty();
    }

    /** Whether a program of Hive is where a shell expects a command. */
    static boolean callsHive(LocalStep.Shell step) {
        return step.command().stream().anyMatch(word -> HIVE.matcher(word).find());
    }

    private static Optional<String> missingProgram(ImmutableList<String> command) {
        String program = command.get(0);
        if (command.size() > 2 && program.endsWith("sh") && command.get(1).startsWith("-")) {
            return missingInShell(String.join("\n", command.subList(2, command.size())));
        }
        boolean isName = !program.isBlank() && !program.contains("/") && !program.contains("$");
        return isName && !isOnPath(program) ? Optional.of(missing(program)) : Optional.empty();
    }

    private static Optional<String> missingInShell(String text) {
        Matcher calls = CLUSTER_PROGRAM.matcher(text);
        while (calls.find()) {
            String program = calls.group(1);
            if (program.equals("aws")
                    && !S3_COMMAND.matcher(text.substring(calls.end())).lookingAt()) {
                return Optional.of("calls aws for another service than S3, which no step on this machine reaches.");
            }
            if (!isOnPath(program)) {
                return Optional.of(missing(program));
            }
        }
        return Optional.empty();
    }

    private static String missing(String program) {
        return "calls " + program + ", which is not on this machine's PATH: a step uses the programs of this machine.";
    }

    static boolean isOnPath(String program) {
        String path = System.getenv("PATH");
        return path != null
                && Splitter.on(File.pathSeparatorChar)
                        .omitEmptyStrings()
                        .splitToStream(path)
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /**
     * The parts of a cluster that this machine accepts and ignores; one sentence each.
     *
     * @param applications the applications that EMR installs
     * @param classifications of the configurations
     */
    public static ImmutableList<String> cluster(
            ImmutableList<String> applications, ImmutableList<String> classifications) {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (String application : applications) {
            if (!APPLICATIONS.contains(application.toLowerCase(Locale.ROOT))) {
                texts.add("The application " + application
                        + " is accepted and not installed: a step that needs it must find it on this machine.");
            }
        }
        for (String classification : classifications) {
            if (!classification.equals("spark-defaults")
                    && !classification.endsWith("-site")
                    && !classification.endsWith("-env")) {
                texts.add("The configuration " + classification + " is accepted and has no effect on this machine.");
            }
        }
        return texts.build();
    }

    private static final LocalStep.Visitor<Optional<Reason>> REASON = new LocalStep.Visitor<>() {
        @Override
        public Optional<Reason> sparkSubmit(LocalStep.SparkSubmit step) {
            ImmutableList<String> words = step.arguments().application();
            String application = words.isEmpty() ? "" : words.get(0);
            String lower = application.toLowerCase(Locale.ROOT);
            return lower.endsWith(".r")
                    ? Optional.of(new Reason(
                            "The application " + application + " is written in R: SparkR is not emulated.",
                            "Submit a jar with a main class, or a .py file."))
                    : Optional.empty();
        }

        @Override
        public Optional<Reason> sparkSql(LocalStep.SparkSql step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> hadoopJar(LocalStep.HadoopJar step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> fileSystemShell(LocalStep.FileSystemShell step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> hadoopClass(LocalStep.HadoopClass step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> streaming(LocalStep.Streaming step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> hive(LocalStep.Hive step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> pig(LocalStep.Pig step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> distCp(LocalStep.DistCp step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> script(LocalStep.Script step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> shell(LocalStep.Shell step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> noOperation(LocalStep.NoOperation step) {
            return Optional.empty();
        }

        @Override
        public Optional<Reason> unsupported(LocalStep.Unsupported step) {
            return Optional.of(step.reason());
        }
    };
}
