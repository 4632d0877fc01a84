package dev.emrys.s3distcp;

import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.GzipCodec;
import org.apache.hadoop.io.compress.SnappyCodec;
import org.apache.hadoop.util.ReflectionUtils;
import org.jspecify.annotations.Nullable;

/** What {@code --outputCodec} does to a file: nothing, decompress it, or compress it anew. */
enum OutputCodec {
    KEEP("", null),
    NONE("", null),
    GZIP(".gz", GzipCodec.class),
    SNAPPY(".snappy", SnappyCodec.class);

    /**
     * Of the files that are decompressed, and whose compression must be in the name of a file that they are joined in.
     */
    private static final String[] EXTENSIONS = {".gz", ".gzip", ".snappy", ".bz2", ".deflate", ".lzo"};

    private final String extension;
    private final @Nullable Class<? extends CompressionCodec> codec;

    OutputCodec(String extension, @Nullable Class<? extends CompressionCodec> codec) {
        this.extension = extension;
        this.codec = codec;
    }

    /** @throws UsageException for any other name, and for lzo, whose codec is no part of Hadoop */
    static OutputCodec of(String name) throws UsageException {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "keep":
                return KEEP;
            case "none":
                return NONE;
            case "gz":
            case "gzip":
                return GZIP;
            case "snappy":
                return SNAPPY;
            case "lzo":
            case "lzop":
                throw new UsageException(
                        "--outputCodec=" + name
                                + " is not possible on this machine: the LZO codec is no part of Hadoop. Use gzip, snappy or none.");
            default:
                throw new UsageException(
                        "--outputCodec=" + name + " is unknown. Known are gzip, gz, snappy, none and keep.");
        }
    }

    /** The extension of a compressed file; empty for others. */
    static String compressionOf(String file) {
        for (String extension : EXTENSIONS) {
            if (file.endsWith(extension)) {
                return extension;
            }
        }
        return "";
    }

    /** The name of a file after the conversion. */
    String rename(String file) {
        return this == KEEP
                ? file
                : file.substring(0, file.length() - compressionOf(file).length()) + extension;
    }

    /** Null if the output is not compressed by this program. */
    @Nullable
    CompressionCodec create(Configuration conf) {
        return codec == null ? null : ReflectionUtils.newInstance(codec, conf);
    }
}
