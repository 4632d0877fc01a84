package dev.emrys.jobs;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.mapreduce.InputSplit;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.RecordReader;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;

/**
 * Texts as records of one word. Not Hadoop's lines: those drop a byte order mark, and hold a text without line ends in
 * memory. A file with a compression's suffix (.gz) is read through it, in one piece.
 */
public final class WordInputFormat extends FileInputFormat<Text, NullWritable> {
    /** Made by Hadoop and Spark through reflection. */
    public WordInputFormat() {}

    /**
     * Has a job read a file, a folder with all that is below it, or what a glob matches. Names that begin with '_' or
     * '.' are hidden from it, as everywhere in Hadoop.
     *
     * @param output the folder of the result; refused when it contains the input or is contained in it
     */
    static void read(Job job, Path named, Path output) throws IOException, Refusal {
        Configuration conf = job.getConfiguration();
        Path input = named;
        if (named.getFileSystem(conf).exists(named)) {
            // An existing file, not a pattern: "notes [2024].txt".
            input = new Path(named.toString().replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1"));
        }
        FileStatus[] found = input.getFileSystem(conf).globStatus(input);
        if (found == null || found.length == 0) {
            throw new Refusal(
                    "There is no input at " + named + ". Give a file, a folder, or a pattern that matches some.");
        }
        if (named.getName().startsWith("_") || named.getName().startsWith(".")) {
            throw new Refusal(
                    "The input " + named + " has a hidden name: Hadoop skips what begins with '_' or '.'. Rename it.");
        }
        Path result = output.getFileSystem(conf).makeQualified(output);
        for (FileStatus text : found) {
            if (isWithin(text.getPath(), result) || isWithin(result, text.getPath())) {
                throw new Refusal("The output " + output + " and the input " + text.getPath()
                        + " lie within each other. Choose an output folder beside the input.");
            }
        }
        FileInputFormat.setInputDirRecursive(job, true);
        FileInputFormat.addInputPath(job, input);
    }

    @Override
    protected boolean isSplitable(JobContext context, Path file) {
        return new CompressionCodecFactory(context.getConfiguration()).getCodec(file) == null;
    }

    @Override
    public RecordReader<Text, NullWritable> createRecordReader(InputSplit split, TaskAttemptContext context)
            throws IOException {
        return new Words((FileSplit) split, context.getConfiguration());
    }

    private static boolean isWithin(Path inner, Path outer) {
        for (Path path = inner; path != null; path = path.getParent()) {
            if (path.equals(outer)) {
                return true;
            }
        }
        return false;
    }

    private static final class Words extends RecordReader<Text, NullWritable> {
        private final WordScanner scanner;
        private final long start;
        private final long length;
        private final Text word = new Text();

        Words(FileSplit split, Configuration conf) throws IOException {
            start = split.getStart();
            length = split.getLength();
            CompressionCodec codec = new CompressionCodecFactory(conf).getCodec(split.getPath());
            FSDataInputStream file = split.getPath().getFileSystem(conf).open(split.getPath());
            try {
                if (codec != null) {
                    InputStream text = codec.createInputStream(file);
                    scanner = new WordScanner(text, 0, Long.MAX_VALUE);
                } else {
                    file.seek(Math.max(0, start - 1));
                    scanner = new WordScanner(file, start, start + length);
                }
            } catch (IOException | RuntimeException failure) {
                file.close();
                throw failure;
            }
        }

        @Override
        public void initialize(InputSplit split, TaskAttemptContext context) {
            // The constructor has initialized everything.
        }

        @Override
        public boolean nextKeyValue() throws IOException {
            return scanner.next(word);
        }

        @Override
        public Text getCurrentKey() {
            return word;
        }

        @Override
        public NullWritable getCurrentValue() {
            return NullWritable.get();
        }

        @Override
        public float getProgress() {
            return length == 0 ? 1 : Math.min(1, (scanner.position() - start) / (float) length);
        }

        @Override
        public void close() throws IOException {
            scanner.close();
        }
    }
}
