package dev.emrys.jobs;

import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.Reducer;
import org.apache.hadoop.mapreduce.lib.input.SequenceFileInputFormat;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.SequenceFileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.TextOutputFormat;
import org.apache.hadoop.util.GenericOptionsParser;

/**
 * Counts words in two passes: one adds up, one sorts. {@link WordCounts} defines a word and the result, which is
 * one file.
 *
 * <p>{@code hadoop jar emrys-jobs.jar dev.emrys.jobs.WordCountMapReduce [-D key=value] <input> <output> [--overwrite]};
 * the input as in {@link WordInputFormat}. The exit status is 1 when the output exists, there is no input, or a pass
 * failed.
 */
public final class WordCountMapReduce {
    static final String USAGE = "WordCountMapReduce [-D key=value] <input> <output> [--overwrite]";

    private WordCountMapReduce() {}

    /** @throws Exception what Hadoop throws: its stack trace belongs in the log of the step */
    public static void main(String[] args) throws Exception {
        int status = run(new Configuration(), System.err, args);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(Configuration conf, PrintStream err, String... args) throws Exception {
        String[] own = new GenericOptionsParser(conf, args).getRemainingArgs();
        return Refusal.status(() -> count(conf, own), err);
    }

    private static void count(Configuration conf, String... args) throws Exception {
        Arguments arguments = Arguments.parse(USAGE, List.of(), List.of(Arguments.OVERWRITE), args)
                .withWords(2);
        Path input = arguments.path(0);
        Path output = arguments.path(1);
        Job counting = Job.getInstance(conf, "Count the words of " + input);
        WordInputFormat.read(counting, input, output);
        try (OutputFolder folder = OutputFolder.claim(output, arguments.overwrite(), conf)) {
            Path counts = folder.work("counts");
            Path ordered = folder.work("ordered");
            addUp(counting, counts);
            sort(Job.getInstance(conf, "Sort the words of " + input), counts, ordered);
            folder.publish(ordered);
        }
    }

    private static void addUp(Job job, Path counts) throws Exception {
        job.setJarByClass(WordCountMapReduce.class);
        job.setInputFormatClass(WordInputFormat.class);
        job.setMapperClass(Counting.class);
        job.setCombinerClass(Adding.class);
        job.setReducerClass(Adding.class);
        job.setOutputKeyClass(Text.class);
        job.setOutputValueClass(LongWritable.class);
        job.setOutputFormatClass(SequenceFileOutputFormat.class);
        FileOutputFormat.setOutputPath(job, counts);
        finish(job);
    }

    private static void sort(Job job, Path counts, Path ordered) throws Exception {
        job.setJarByClass(WordCountMapReduce.class);
        job.setInputFormatClass(SequenceFileInputFormat.class);
        SequenceFileInputFormat.addInputPath(job, counts);
        job.setMapperClass(Pairing.class);
        job.setMapOutputKeyClass(CountedWord.class);
        job.setMapOutputValueClass(NullWritable.class);
        job.setSortComparatorClass(CountedWord.Order.class);
        job.setReducerClass(Writing.class);
        job.setNumReduceTasks(1);
        job.setOutputKeyClass(Text.class);
        job.setOutputValueClass(LongWritable.class);
        job.setOutputFormatClass(TextOutputFormat.class);
        // The result is plain text whatever the cluster's defaults, because it is compared byte by byte.
        job.getConfiguration().set(TextOutputFormat.SEPARATOR, "\t");
        FileOutputFormat.setCompressOutput(job, false);
        FileOutputFormat.setOutputPath(job, ordered);
        finish(job);
    }

    private static void finish(Job job) throws Exception {
        if (!job.waitForCompletion(false)) {
            throw new Refusal("\"" + job.getJobName() + "\" failed: "
                    + job.getStatus().getFailureInfo() + " The log of this step says more.");
        }
    }

    /** Adds up the counts of frequent words before the sort, so that it has fewer records. */
    public static final class Counting extends Mapper<Text, NullWritable, Text, LongWritable> {
        private static final long LIMIT_BYTES = 16L << 20;
        private static final int ENTRY_BYTES = 150;

        private final Map<Text, LongWritable> counts = new LinkedHashMap<>();
        private long bytes;

        /** Made by Hadoop through reflection. */
        public Counting() {}

        @Override
        protected void map(Text word, NullWritable nothing, Context context) throws IOException, InterruptedException {
            LongWritable count = counts.get(word);
            if (count != null) {
                count.set(count.get() + 1);
                return;
            }
            bytes += word.getLength() + ENTRY_BYTES;
            if (bytes > LIMIT_BYTES) {
                cleanup(context);
                bytes = word.getLength() + ENTRY_BYTES;
            }
            counts.put(new Text(word), new LongWritable(1));
        }

        @Override
        protected void cleanup(Context context) throws IOException, InterruptedException {
            for (Map.Entry<Text, LongWritable> count : counts.entrySet()) {
                context.write(count.getKey(), count.getValue());
            }
            counts.clear();
        }
    }

    /** Adds up the counts of one word. */
    public static final class Adding extends Reducer<Text, LongWritable, Text, LongWritable> {
        private final LongWritable sum = new LongWritable();

        /** Made by Hadoop through reflection. */
        public Adding() {}

        @Override
        protected void reduce(Text word, Iterable<LongWritable> counts, Context context)
                throws IOException, InterruptedException {
            long total = 0;
            for (LongWritable count : counts) {
                total += count.get();
            }
            sum.set(total);
            context.write(word, sum);
        }
    }

    /** Makes word and count the key that is sorted. */
    public static final class Pairing extends Mapper<Text, LongWritable, CountedWord, NullWritable> {
        private final CountedWord pair = new CountedWord();

        /** Made by Hadoop through reflection. */
        public Pairing() {}

        @Override
        protected void map(Text word, LongWritable count, Context context) throws IOException, InterruptedException {
            pair.set(word, count.get());
            context.write(pair, NullWritable.get());
        }
    }

    /** Writes the pairs as they come, sorted. */
    public static final class Writing extends Reducer<CountedWord, NullWritable, Text, LongWritable> {
        /** Made by Hadoop through reflection. */
        public Writing() {}

        @Override
        protected void reduce(CountedWord pair, Iterable<NullWritable> nothing, Context context)
                throws IOException, InterruptedException {
            context.write(pair.word(), pair.count());
        }
    }
}
