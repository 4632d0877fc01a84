package dev.emrys.s3distcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.jspecify.annotations.Nullable;

/** Writes one output file from its sources. Thread-safe. */
final class FileCopier {
    private static final int BUFFER = 1 << 16;

    private final OutputCodec codec;
    private final Configuration conf;

    FileCopier(OutputCodec codec, Configuration conf) {
        this.codec = codec;
        this.conf = conf;
    }

    void copy(OutputFile output) throws IOException {
        WholeFile.write(output.path(), conf, out -> {
            if (output.append() && system(output.path()).exists(output.path())) {
                // Compressed streams can be joined.
                copy(output.path(), null, out);
            }
            CompressionCodec compression = codec.create(conf);
            try (OutputStream target = compression == null ? out : compression.createOutputStream(out)) {
                for (SourceFile source : output.sources()) {
                    copy(source.path(), decompression(source.path()), target);
                }
            }
        });
    }

    private @Nullable CompressionCodec decompression(Path file) {
        return codec == OutputCodec.KEEP ? null : new CompressionCodecFactory(conf).getCodec(file);
    }

    private void copy(Path file, @Nullable CompressionCodec decompression, OutputStream out) throws IOException {
        try (InputStream bytes = system(file).open(file);
                InputStream in = decompression == null ? bytes : decompression.createInputStream(bytes)) {
            IOUtils.copyBytes(in, out, BUFFER, false);
        }
    }

    private FileSystem system(Path file) throws IOException {
        return file.getFileSystem(conf);
    }
}
