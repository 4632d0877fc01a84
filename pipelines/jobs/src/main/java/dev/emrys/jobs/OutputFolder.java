package dev.emrys.jobs;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of a result, which appears when the result is complete. Until then all files are in a hidden folder beside
 * it, {@code _<name>.work}; the next run deletes what a killed run left there.
 */
final class OutputFolder implements AutoCloseable {
    private final FileSystem fs;
    private final Path output;
    private final Path work;
    private final boolean overwrite;

    private OutputFolder(FileSystem fs, Path output, boolean overwrite) {
        this.fs = fs;
        this.output = output;
        this.work = new Path(output.getParent(), "_" + output.getName() + ".work");
        this.overwrite = overwrite;
    }

    /** @throws Refusal when the output exists and must not be overwritten, or is the root of a bucket */
    static OutputFolder claim(Path output, boolean overwrite, Configuration conf) throws IOException, Refusal {
        if (output.getParent() == null || output.getName().isEmpty()) {
            throw new Refusal("The output " + output + " is the root of a bucket. Name a folder in it.");
        }
        FileSystem fs = output.getFileSystem(conf);
        OutputFolder folder = new OutputFolder(fs, fs.makeQualified(output), overwrite);
        folder.refuseToReplace();
        fs.delete(folder.work, true);
        return folder;
    }

    /** The folder of an intermediate result. */
    Path work(String step) {
        return new Path(work, step);
    }

    /** Makes a complete result the output. */
    void publish(Path finished) throws IOException, Refusal {
        refuseToReplace();
        fs.delete(output, true);
        if (!fs.rename(finished, output)) {
            throw new IOException("Cannot give " + finished + " the name " + output + ".");
        }
    }

    @Override
    public void close() throws IOException {
        fs.delete(work, true);
    }

    private void refuseToReplace() throws IOException, Refusal {
        if (!overwrite && fs.exists(output)) {
            throw new Refusal(
                    "The output " + output + " exists already. Choose another, delete it, or add --overwrite.");
        }
    }
}
