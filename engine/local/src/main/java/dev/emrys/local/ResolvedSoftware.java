package dev.emrys.local;

import com.google.common.base.Joiner;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the JVM, the distributions and Emrys's own jars for the steps of a release label, each when a step first needs
 * it. Thread-safe.
 */
final class ResolvedSoftware implements LaunchCommandFactory.StepSoftware {
    private static final Logger LOG = LoggerFactory.getLogger(ResolvedSoftware.class);

    private final Distributions distributions;
    private final Supplier<StepJvm> jvm;
    private final String release;
    private final Supplier<ReleaseSpark> spark;
    private Optional<Path> archive = Optional.empty();
    private final Supplier<ImmutableList<String>> flags = Suppliers.memoize(this::readFlags);

    ResolvedSoftware(Distributions distributions, String release) {
        this(distributions, release, StepJvm::find);
    }

    ResolvedSoftware(Distributions distributions, String release, com.google.common.base.Supplier<StepJvm> jvm) {
        this.distributions = distributions;
        this.release = release;
        this.spark = Suppliers.memoize(() -> ReleaseSpark.of(release, distributions, Distributions.Progress.NONE));
        this.jvm = Suppliers.memoize(jvm);
    }

    @Override
    public Distribution spark() {
        return spark.get().distribution();
    }

    @Override
    public String releaseWarning() {
        return ReleaseSpark.expected(release, () -> distributions).warning();
    }

    @Override
    public StepJvm jvm() {
        return jvm.get();
    }

    @Override
    public ImmutableList<Path> classPath(Distribution distribution) {
        ImmutableList<Path> jars = distributions.jars(distribution, Distributions.Progress.NONE);
        ImmutableList.Builder<Path> classPath = ImmutableList.builder();
        if (jvm().needsSubjectPatch()) {
            classPath.add(SubjectPatch.of(jars, distributions.cacheFolder()));
        }
        return classPath.addAll(jars).build();
    }

    @Override
    public ImmutableList<Path> ownJars(Distribution distribution) {
        Path fileSystems = locationOf("dev/emrys/s3fs/LocalS3FileSystem.class");
        return distribution.isSpark()
                ? ImmutableList.of(fileSystems, locationOf("dev/emrys/metastore/MetastoreService.class"))
                : ImmutableList.of(fileSystems);
    }

    /** Its checksum takes a tenth of a second, so it is computed once. */
    @Override
    public synchronized Optional<Path> classArchive() {
        if (archive.isEmpty()) {
            try {
                archive = newArchive().find();
            } catch (IOException | LocalSetupException e) {
                LOG.debug("Spark starts without a class-data archive.", e);
            }
        }
        return archive.filter(Files::isReadable);
    }

    private ClassArchive newArchive() throws IOException {
        return new ClassArchive(distributions.cacheFolder(), jvm(), spark().name(), classPath(spark()));
    }

    /**
     * Makes the class-data archive of Spark's class path, if there is none: see {@link ClassArchive#make}.
     *
     * @throws IOException when it cannot be made
     */
    void makeClassArchive() throws IOException, InterruptedException {
        if (classArchive().isEmpty()) {
            newArchive().make(this::training);
        }
    }

    private List<String> training(List<String> flags, Path folder) {
        return ImmutableList.<String>builder()
                .add(jvm().java().toString())
                .addAll(moduleFlags())
                .addAll(flags)
                .add("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g")
                .add("-Djava.io.tmpdir=" + folder, "-Duser.home=" + folder, "-Dderby.system.home=" + folder)
                .addAll(
                        jvm().needsSubjectPatch()
                                ? ImmutableList.of()
                                : ImmutableList.of("-Djava.security.manager=allow"))
                .add("-Dspark.driver.bindAddress=127.0.0.1", "-Dspark.driver.host=127.0.0.1")
                .add("-Dspark.authenticate=true", "-Dspark.ui.enabled=false")
                .add("-cp", Joiner.on(File.pathSeparatorChar).join(classPath(spark())))
                .add("org.apache.spark.deploy.SparkSubmit", "--master", "local[2]")
                .add("--conf", "spark.sql.warehouse.dir=file:" + folder.resolve("warehouse"))
                .add("--class", "org.apache.spark.examples.StartUpTraining")
                .add(sparkExamples().toString(), folder.toString())
                .build();
    }

    @Override
    public Path sparkExamples() {
        return locationOf("org/apache/spark/examples/SparkPi.class");
    }

    @Override
    public Path s3DistCp() {
        return locationOf("dev/emrys/s3distcp/S3DistCp.class");
    }

    @Override
    public Path hadoopExamples() {
        return distributions.jars(Distribution.HADOOP, Distributions.Progress.NONE).stream()
                .filter(jar -> String.valueOf(jar.getFileName()).startsWith("hadoop-mapreduce-examples-"))
                .findFirst()
                .orElseThrow(() -> new LocalSetupException("Hadoop's MapReduce examples were not resolved.", null));
    }

    @Override
    public PySpark.Python python(@Nullable String program) {
        return new PySpark(distributions.cacheFolder()).find(program, spark().version(), Distributions.Progress.NONE);
    }

    @Override
    public ImmutableList<String> moduleFlags() {
        return flags.get();
    }

    /** Asks Spark's launcher which packages Spark opens: a fixed list would be wrong for the next version. */
    private ImmutableList<String> readFlags() {
        try {
            ImmutableList.Builder<URL> jars = ImmutableList.builder();
            for (Path jar : distributions.jars(spark(), Distributions.Progress.NONE)) {
                if (String.valueOf(jar.getFileName()).startsWith("spark-launcher_")) {
                    jars.add(jar.toUri().toURL());
                }
            }
            try (URLClassLoader loader =
                    new URLClassLoader(jars.build().toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                String options = (String) loader.loadClass("org.apache.spark.launcher.JavaModuleOptions")
                        .getMethod("defaultModuleOptions")
                        .invoke(null);
                return ImmutableList.copyOf(List.of(options.trim().split("\\s+")));
            }
        } catch (ReflectiveOperationException | MalformedURLException e) {
            throw new LocalSetupException("Spark's launcher jar is not usable: " + e, e);
        } catch (IOException e) {
            throw new LocalSetupException("Spark's launcher jar cannot be read: " + e.getMessage(), e);
        }
    }

    /** The jar (or, in a build, the folder) that a resource of Emrys was loaded from. */
    private static Path locationOf(String resource) {
        URL url = ResolvedSoftware.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new IllegalStateException(resource + " is not on the class path");
        }
        try {
            String text = url.toString();
            if (text.startsWith("jar:")) {
                return Path.of(new URI(text.substring(4, text.indexOf("!/"))));
            }
            return Path.of(new URI(text.substring(0, text.length() - resource.length())));
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Not a file: " + url, e);
        }
    }
}
