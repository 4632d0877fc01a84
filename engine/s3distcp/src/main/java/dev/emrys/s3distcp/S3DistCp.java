package dev.emrys.s3distcp;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.conf.Configured;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.Tool;
import org.apache.hadoop.util.ToolRunner;
import org.jspecify.annotations.Nullable;

/**
 * EMR's s3-dist-cp, in one process: copies files between the file systems that Hadoop knows, also joined in groups, in
 * parts of a size, or compressed in another way. A file appears complete or not at all. Existing files are replaced.
 *
 * <p>The exit code is 0 when all files were copied, also when there was none to copy, and 1 otherwise; what was copied
 * before a failure stays. Messages go to the standard error stream. Options of an S3 service have no effect, which a
 * message says.
 *
 * <p>Not documented by AWS, and decided here: {@code --requirePreviousManifest}, which is on by default, fails when
 * {@code --previousManifest} names a file that does not exist, and not when it is missing.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/UsingEMR_s3distcp.html">S3DistCp (s3-dist-cp)</a>
 */
public final class S3DistCp extends Configured implements Tool {
    private final PrintStream log;

    S3DistCp(PrintStream log) {
        this.log = log;
    }

    /**
     * The entry point of the process.
     *
     * @throws Exception when Hadoop's generic options are not usable
     */
    public static void main(String[] args) throws Exception {
        System.exit(ToolRunner.run(new Configuration(), new S3DistCp(System.err), args));
    }

    @Override
    public int run(String[] args) {
        try {
            CommandLine options = new CommandLine(args);
            if (options.has(Option.HELP)) {
                for (Option option : Option.values()) {
                    log.println("  " + option + (option.hasValue() ? "=VALUE" : ""));
                }
                return 0;
            }
            for (Option option : options.ignored()) {
                log.println(
                        "WARN s3-dist-cp: " + option + " has no effect on this machine, whose buckets are folders.");
            }
            return copy(options);
        } catch (UsageException | IOException e) {
            log.println("ERROR s3-dist-cp: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.println("ERROR s3-dist-cp: interrupted.");
        }
        return 1;
    }

    private int copy(CommandLine options) throws IOException, InterruptedException {
        Configuration conf = getConf();
        Manifest previous = previous(options);
        Path dest = new Path(options.required(Option.DEST));
        dest = dest.getFileSystem(conf).makeQualified(dest);
        List<SourceFile> sources = new SourceListing(options, conf).find(previous);
        List<OutputFile> outputs = new OutputPlan(options, conf, dest).make(sources);
        log.println("INFO s3-dist-cp: " + sources.size() + " files to copy into " + outputs.size() + " files.");
        int failed = copyAll(outputs, new FileCopier(options.codec(), conf));
        if (failed > 0) {
            log.println("ERROR s3-dist-cp: " + failed + " of " + outputs.size() + " files could not be written.");
            return 1;
        }
        writeManifest(options, outputs, dest, previous);
        if (options.has(Option.DELETE_ON_SUCCESS)) {
            delete(sources, outputs);
        }
        log.println("INFO s3-dist-cp: " + outputs.size() + " files were written to " + dest + ".");
        return 0;
    }

    private @Nullable Manifest previous(CommandLine options) throws IOException {
        String text = options.value(Option.PREVIOUS_MANIFEST);
        if (text == null) {
            return null;
        }
        Path file = new Path(text);
        if (file.getFileSystem(getConf()).exists(file)) {
            return Manifest.read(file, getConf());
        }
        if (options.value(Option.REQUIRE_PREVIOUS_MANIFEST) == null || options.has(Option.REQUIRE_PREVIOUS_MANIFEST)) {
            throw new FileNotFoundException("The previous manifest " + file
                    + " does not exist. For a first copy add --requirePreviousManifest=false.");
        }
        return null;
    }

    /** Tries all files, and returns how many failed. */
    private int copyAll(List<OutputFile> outputs, FileCopier copier) throws InterruptedException {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<?>> copies = new ArrayList<>();
            for (OutputFile output : outputs) {
                copies.add(threads.submit(() -> {
                    copier.copy(output);
                    return output;
                }));
            }
            int failed = 0;
            for (int i = 0; i < copies.size(); i++) {
                try {
                    copies.get(i).get();
                } catch (ExecutionException e) {
                    failed++;
                    log.println("ERROR s3-dist-cp: " + outputs.get(i).path() + ": " + e.getCause());
                }
            }
            return failed;
        } finally {
            threads.shutdownNow();
        }
    }

    private void writeManifest(CommandLine options, List<OutputFile> outputs, Path dest, @Nullable Manifest previous)
            throws IOException {
        String name = options.value(Option.OUTPUT_MANIFEST);
        if (name == null) {
            return;
        }
        Manifest manifest = new Manifest();
        if (previous != null && !options.has(Option.COPY_FROM_MANIFEST)) {
            manifest.addAll(previous);
        }
        for (OutputFile output : outputs) {
            long size = output.path()
                    .getFileSystem(getConf())
                    .getFileStatus(output.path())
                    .getLen();
            manifest.add(output.path(), output.relative(), dest, size);
        }
        manifest.write(new Path(dest, name), getConf());
    }

    /** Not a file that was copied to itself. */
    private void delete(List<SourceFile> sources, List<OutputFile> outputs) throws IOException {
        Set<Path> written = new HashSet<>();
        outputs.forEach(output -> written.add(output.path()));
        for (SourceFile source : sources) {
            if (!written.contains(source.path())) {
                source.path().getFileSystem(getConf()).delete(source.path(), false);
            }
        }
    }
}
