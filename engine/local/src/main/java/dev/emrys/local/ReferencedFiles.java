package dev.emrys.local;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The files that a step needs: its jar or script, and the files that Spark distributes, as the author wrote them.
 * Thread-safe.
 */
public final class ReferencedFiles {
    private static final Splitter COMMAS = Splitter.on(',').trimResults().omitEmptyStrings();

    /**
     * Spark accepts glob patterns (SparkSubmit resolves them by Hadoop's FileSystem.globStatus); these name no single
     * file.
     */
    private static final CharMatcher GLOB = CharMatcher.anyOf("*?[]{}");

    private ReferencedFiles() {}

    /** The files of a step, without those that every cluster has. */
    public static ImmutableList<String> of(LocalStep step) {
        return step.accept(FILES).stream()
                .filter(file -> !ClusterPaths.isSparkExamples(file)
                        && !ClusterPaths.isHadoopExamples(file)
                        && ClusterPaths.sparkPythonExample(file).isEmpty())
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<String> distributed(SparkArguments arguments) {
        ImmutableList.Builder<String> files = ImmutableList.builder();
        for (SparkArguments.Option option : arguments.options()) {
            String value = option.value();
            switch (option.name()) {
                case "--jars", "--py-files", "--files", "--archives" ->
                    COMMAS.splitToStream(value == null ? "" : value)
                            .map(ReferencedFiles::withoutName)
                            .filter(file -> !GLOB.matchesAnyOf(file))
                            .forEach(files::add);
                default -> {}
            }
        }
        return files.build();
    }

    /** A name may follow an archive or file after '#'. */
    private static String withoutName(String file) {
        return file.replaceAll("#[^/]*$", "");
    }

    private static ImmutableList<String> join(List<String> first, List<String> second) {
        return ImmutableList.<String>builder().addAll(first).addAll(second).build();
    }

    private static final LocalStep.Visitor<ImmutableList<String>> FILES = new LocalStep.Visitor<>() {
        @Override
        public ImmutableList<String> sparkSubmit(LocalStep.SparkSubmit step) {
            List<String> application = step.arguments().application();
            return join(application.subList(0, Math.min(1, application.size())), distributed(step.arguments()));
        }

        @Override
        public ImmutableList<String> sparkSql(LocalStep.SparkSql step) {
            List<String> words = step.arguments().application();
            int file = words.indexOf("-f") + 1;
            return join(
                    file > 0 && file < words.size() ? words.subList(file, file + 1) : List.of(),
                    distributed(step.arguments()));
        }

        @Override
        public ImmutableList<String> hadoopJar(LocalStep.HadoopJar step) {
            return ImmutableList.of(step.jar());
        }

        @Override
        public ImmutableList<String> fileSystemShell(LocalStep.FileSystemShell step) {
            return ImmutableList.of();
        }

        @Override
        public ImmutableList<String> hadoopClass(LocalStep.HadoopClass step) {
            return ImmutableList.of();
        }

        @Override
        public ImmutableList<String> streaming(LocalStep.Streaming step) {
            return StreamingArguments.files(step.args()).stream()
                    .map(ReferencedFiles::withoutName)
                    .filter(file -> !GLOB.matchesAnyOf(file))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public ImmutableList<String> hive(LocalStep.Hive step) {
            List<String> words = step.args();
            return IntStream.range(1, words.size())
                    .filter(at ->
                            words.get(at - 1).equals("-f") || words.get(at - 1).equals("-i"))
                    .mapToObj(words::get)
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public ImmutableList<String> pig(LocalStep.Pig step) {
            return step.arguments().files();
        }

        @Override
        public ImmutableList<String> distCp(LocalStep.DistCp step) {
            return ImmutableList.of();
        }

        @Override
        public ImmutableList<String> script(LocalStep.Script step) {
            return ImmutableList.of(step.script());
        }

        @Override
        public ImmutableList<String> shell(LocalStep.Shell step) {
            return ImmutableList.of();
        }

        @Override
        public ImmutableList<String> noOperation(LocalStep.NoOperation step) {
            return ImmutableList.of();
        }

        @Override
        public ImmutableList<String> unsupported(LocalStep.Unsupported step) {
            return ImmutableList.of();
        }
    };
}
