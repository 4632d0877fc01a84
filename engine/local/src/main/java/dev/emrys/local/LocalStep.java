package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * A step as this machine runs it, parsed once from what EMR is given. The support check, the distributions, the
 * referenced files and the launch all use this value; a {@link Visitor} dispatches over the kinds, so that a new kind
 * is handled everywhere or does not compile. Immutable.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-commandrunner.html">Run commands and scripts on
 *     an EMR cluster</a>
 */
public sealed interface LocalStep {

    /**
     * Parses a step.
     *
     * @param jar the step's jar, {@code command-runner.jar} for a command
     * @param properties Java properties for a step that is a Java program
     */
    static LocalStep parse(
            String jar,
            @Nullable String mainClass,
            ImmutableList<String> args,
            ImmutableMap<String, String> properties) {
        return new LocalStepParser(properties).parse(jar, mainClass, args);
    }

    <R> R accept(Visitor<R> visitor);

    /** {@code spark-submit} and {@code run-example}; without an application it only prints its version or usage. */
    record SparkSubmit(SparkArguments arguments, ImmutableMap<String, String> properties) implements LocalStep {
        /** Whether the application is a Python program. */
        public boolean isPython() {
            return !arguments.application().isEmpty()
                    && arguments.application().get(0).endsWith(".py");
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sparkSubmit(this);
        }
    }

    /** {@code spark-sql}. */
    record SparkSql(SparkArguments arguments, ImmutableMap<String, String> properties) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sparkSql(this);
        }
    }

    /** A custom jar, and {@code hadoop jar}. */
    record HadoopJar(
            String jar, @Nullable String mainClass, ImmutableList<String> args, ImmutableMap<String, String> properties)
            implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.hadoopJar(this);
        }
    }

    /** {@code hadoop fs} and {@code hdfs dfs}. */
    record FileSystemShell(ImmutableList<String> args, ImmutableMap<String, String> properties) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.fileSystemShell(this);
        }
    }

    /** A class of Hadoop or of its class path, such as that of {@code hadoop version}, and {@code hadoop CLASS}. */
    record HadoopClass(String mainClass, ImmutableList<String> args, ImmutableMap<String, String> properties)
            implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.hadoopClass(this);
        }
    }

    /** {@code hadoop-streaming}, also as {@code hadoop jar …hadoop-streaming.jar}. */
    record Streaming(ImmutableList<String> args, ImmutableMap<String, String> properties) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.streaming(this);
        }
    }

    /**
     * A Hive step.
     *
     * @param program {@code hive-script}, {@code hive} or {@code beeline}
     * @param args as spark-sql takes them
     * @param ignored the names of options without an effect
     */
    record Hive(
            String program,
            ImmutableList<String> args,
            ImmutableList<String> ignored,
            ImmutableMap<String, String> properties)
            implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.hive(this);
        }
    }

    /**
     * A Pig step.
     *
     * @param program {@code pig-script} or {@code pig}
     */
    record Pig(String program, PigArguments arguments, ImmutableMap<String, String> properties) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.pig(this);
        }
    }

    /**
     * A distributed copy.
     *
     * @param program {@code s3-dist-cp} or {@code hadoop distcp}
     */
    record DistCp(String program, ImmutableList<String> args, ImmutableMap<String, String> properties)
            implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.distCp(this);
        }
    }

    /**
     * {@code script-runner.jar}: a script that is copied to the machine and run by bash.
     *
     * @param script a path or URI
     */
    record Script(String script, ImmutableList<String> args) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.script(this);
        }
    }

    /**
     * Any other program.
     *
     * @param command the program and its arguments, not empty
     */
    record Shell(ImmutableList<String> command) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.shell(this);
        }
    }

    /**
     * A step that has no effect on this machine: {@code state-pusher-script}, which belongs to EMR's debugging console.
     */
    record NoOperation(String program) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.noOperation(this);
        }
    }

    /** A step that is incomplete, or whose program this machine does not have. */
    record Unsupported(LocalSupport.Reason reason) implements LocalStep {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.unsupported(this);
        }
    }

    /** One method per kind of step. */
    interface Visitor<R> {
        R sparkSubmit(SparkSubmit step);

        R sparkSql(SparkSql step);

        R hadoopJar(HadoopJar step);

        R fileSystemShell(FileSystemShell step);

        R hadoopClass(HadoopClass step);

        R streaming(Streaming step);

        R hive(Hive step);

        R pig(Pig step);

        R distCp(DistCp step);

        R script(Script step);

        R shell(Shell step);

        R noOperation(NoOperation step);

        R unsupported(Unsupported step);
    }
}
