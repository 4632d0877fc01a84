package dev.emrys.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.apache.hadoop.io.Text;

/**
 * Compares two word counts line by line. When they are the same it prints the most frequent words and puts the whole
 * result into one object; when not, it prints the first difference and ends with 1.
 *
 * <p>{@code hadoop jar emrys-jobs.jar dev.emrys.jobs.WordCountCheck <mapreduce-output> <spark-output> <result> [--top
 * 10]}, or by {@code spark-submit}: it needs Hadoop's file system alone. The result is always replaced, as a whole: on
 * S3 by one PUT, on HDFS by a rename; in a local folder it is missing for a moment.
 */
public final class WordCountCheck {
    static final String USAGE = "WordCountCheck <mapreduce-output> <spark-output> <result> [--top 10]";

    private static final String TOP = "--top";
    private static final int MOST = 100_000;

    private WordCountCheck() {}

    /** @throws Exception what Hadoop throws: its stack trace belongs in the log of the step */
    public static void main(String[] args) throws Exception {
        int status = run(new Configuration(), System.out, System.err, args);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(Configuration conf, PrintStream out, PrintStream err, String... args) throws Exception {
        return Refusal.status(() -> check(conf, out, args), err);
    }

    private static void check(Configuration conf, PrintStream out, String... args) throws Exception {
        Arguments arguments =
                Arguments.parse(USAGE, List.of(TOP), List.of(), args).withWords(3);
        int top = arguments.number(TOP, 10, MOST);
        Path result = arguments.path(2);
        try (ResultLines mapReduce = ResultLines.open(arguments.path(0), conf);
                ResultLines spark = ResultLines.open(arguments.path(1), conf)) {
            List<Text> first = new ArrayList<>();
            long words = compare(mapReduce, spark, top, first);
            List<String> aligned = aligned(first);
            store(spark, result, conf);
            aligned.forEach(out::println);
            out.println("Both engines agree on " + words + " different words. The whole result is at " + result);
        }
    }

    /** The number of lines; the first of them are kept. */
    private static long compare(ResultLines mapReduce, ResultLines spark, int top, List<Text> first)
            throws IOException, Refusal {
        Text ours = new Text();
        Text theirs = new Text();
        for (long line = 1; ; line++) {
            int ourBytes = mapReduce.next(ours);
            int theirBytes = spark.next(theirs);
            if (ourBytes != theirBytes || !ours.equals(theirs)) {
                throw new Refusal("The word counts differ in line " + line + ":\n  MapReduce: " + said(ourBytes, ours)
                        + "\n  Spark:     " + said(theirBytes, theirs));
            }
            if (ourBytes == 0) {
                return line - 1;
            }
            if (line <= top) {
                first.add(new Text(ours));
            }
        }
    }

    private static String said(int bytes, Text line) {
        if (bytes == 0) {
            return "(has ended)";
        }
        return WordCounts.shown(line) + (bytes == line.getLength() ? " (without a line end)" : "");
    }

    private static List<String> aligned(List<Text> lines) throws Refusal {
        int width = 0;
        for (Text line : lines) {
            width = Math.max(width, Long.toString(WordCounts.count(line)).length());
        }
        List<String> aligned = new ArrayList<>();
        for (Text line : lines) {
            aligned.add(
                    String.format(Locale.ROOT, "%" + width + "d %s", WordCounts.count(line), WordCounts.word(line)));
        }
        return aligned;
    }

    private static void store(ResultLines lines, Path result, Configuration conf) throws IOException {
        FileSystem fs = result.getFileSystem(conf);
        Path target = fs.makeQualified(result);
        if (fs.getScheme().startsWith("s3")) {
            copy(lines, fs.create(target, true));
            return;
        }
        Path hidden = new Path(target.getParent(), "_" + target.getName() + ".new");
        FileContext context = FileContext.getFileContext(target.toUri(), conf);
        copy(
                lines,
                context.create(
                        hidden,
                        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
                        Options.CreateOpts.createParent()));
        context.rename(hidden, target, Options.Rename.OVERWRITE);
    }

    /** Closing the stream would publish an incomplete object, so after a failure it is not closed. */
    private static void copy(ResultLines lines, FSDataOutputStream out) throws IOException {
        try (InputStream in = lines.stream()) {
            IOUtils.copyBytes(in, out, 1 << 16, false);
        } catch (IOException failure) {
            try {
                out.abort();
            } catch (UnsupportedOperationException cannot) {
                failure.addSuppressed(cannot);
            }
            throw failure;
        }
        out.close();
    }
}
