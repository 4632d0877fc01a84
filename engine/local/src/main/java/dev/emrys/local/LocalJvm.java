package dev.emrys.local;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Finds java, the toolkits and our own jars. Everything is looked for when the first step needs it. */
final class LocalJvm implements CommandLines.Jvm {
    private final Toolkits toolkits;
    private final Supplier<Path> java = Suppliers.memoize(StepJvm::find);
    private final Supplier<ImmutableList<String>> flags = Suppliers.memoize(this::readFlags);

    LocalJvm(Toolkits toolkits) {
        this.toolkits = toolkits;
    }

    @Override
    public Path java() {
        return java.get();
    }

    @Override
    public ImmutableList<Path> classPath(Toolkit toolkit) {
        return ImmutableList.<Path>builder()
                .add(home("dev/emrys/s3fs/LocalS3FileSystem.class"))
                .addAll(toolkits.jars(toolkit, Toolkits.Progress.NONE))
                .build();
    }

    @Override
    public Path sparkExamples() {
        return home("org/apache/spark/examples/SparkPi.class");
    }

    @Override
    public ImmutableList<String> moduleFlags() {
        return flags.get();
    }

    /** Spark's launcher knows which packages Spark opens; a list of our own would be wrong with the next version. */
    private ImmutableList<String> readFlags() {
        try {
            ImmutableList.Builder<URL> jars = ImmutableList.builder();
            for (Path jar : toolkits.jars(Toolkit.SPARK, Toolkits.Progress.NONE)) {
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
            throw new ToolkitException("The jars of Spark's launcher are not what they should be: " + e, e);
        } catch (IOException e) {
            throw new ToolkitException("The jars of Spark's launcher cannot be read: " + e.getMessage(), e);
        }
    }

    /** The jar (or, in a build, the folder) that a resource of ours was loaded from. */
    private static Path home(String resource) {
        URL url = LocalJvm.class.getClassLoader().getResource(resource);
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
            throw new IllegalStateException("Not a place on disk: " + url, e);
        }
    }
}
