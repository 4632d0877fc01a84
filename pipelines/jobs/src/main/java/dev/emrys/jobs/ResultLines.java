package dev.emrys.jobs;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;

/** The lines of a result in the order of its files' names, read one at a time; hidden files are ignored. */
final class ResultLines implements Closeable {
    private final List<Path> parts;
    private final FileSystem fs;
    private final LineReader lines;

    private ResultLines(FileSystem fs, List<Path> parts) {
        this.fs = fs;
        this.parts = parts;
        this.lines = new LineReader(stream(), "\n".getBytes(StandardCharsets.UTF_8));
    }

    /** @throws Refusal when the path does not exist */
    static ResultLines open(Path result, Configuration conf) throws IOException, Refusal {
        FileSystem fs = result.getFileSystem(conf);
        if (!fs.exists(result)) {
            throw new Refusal("There is no word count at " + result + ". Did its step succeed?");
        }
        List<Path> parts = Arrays.stream(fs.listStatus(result))
                .filter(FileStatus::isFile)
                .map(FileStatus::getPath)
                .filter(path ->
                        !path.getName().startsWith("_") && !path.getName().startsWith("."))
                .sorted(Comparator.comparing(Path::getName))
                .toList();
        return new ResultLines(fs, parts);
    }

    /** The bytes that the line took, its end included, and 0 behind the last line. */
    int next(Text line) throws IOException {
        return lines.readLine(line);
    }

    /** A stream of its own over the whole result. */
    InputStream stream() {
        return new InputStream() {
            private int opened;
            private InputStream part = InputStream.nullInputStream();

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = part.read(buffer, offset, length);
                while (count < 0 && opened < parts.size()) {
                    part.close();
                    part = fs.open(parts.get(opened++));
                    count = part.read(buffer, offset, length);
                }
                return count;
            }

            @Override
            public void close() throws IOException {
                part.close();
            }
        };
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
