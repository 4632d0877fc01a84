package dev.emrys.s3fs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The folder that holds the buckets. */
final class S3Root {
    static final String SETTING = "emrys.s3.root";
    static final String VARIABLE = "EMRYS_S3_ROOT";

    /** S3's rule, with the upper case letters, underscores and lengths that buckets from before 2018 may have. */
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{2,254}");

    private final Path folder;

    private S3Root(Path folder) {
        this.folder = folder;
    }

    /**
     * Pig creates a configuration without these values and a shell step has none, so a system property and a variable
     * work too.
     */
    static S3Root of(Configuration conf) throws IOException {
        String root = firstSet(conf.getTrimmed(SETTING), System.getProperty(SETTING), System.getenv(VARIABLE));
        if (root == null) {
            throw new IOException("No folder is set for s3:// addresses. Set " + SETTING
                    + " in the Hadoop configuration (spark.hadoop." + SETTING
                    + " for Spark) or as a system property, or "
                    + VARIABLE + " in the environment, to an absolute folder.");
        }
        Path folder;
        try {
            folder = Paths.get(root);
        } catch (InvalidPathException impossible) {
            throw new IOException(
                    "The folder for s3:// addresses, " + root + ", is not a path: " + impossible.getReason());
        }
        if (!folder.isAbsolute()) {
            throw new IOException("The folder for s3:// addresses, " + root
                    + ", is not absolute, so processes in other folders would not find it. Set " + SETTING
                    + " to an absolute folder.");
        }
        return new S3Root(folder.normalize());
    }

    Bucket bucket(URI address) throws IOException {
        String name = address.getAuthority();
        if (name == null) {
            throw new IOException(
                    "The address " + address + " names no bucket: write " + address.getScheme() + "://bucket/key.");
        }
        if (name.indexOf('@') >= 0) {
            throw new IOException(
                    "An address must not contain credentials: write " + address.getScheme() + "://bucket/key.");
        }
        if (!BUCKET.matcher(name).matches()) {
            throw new IOException("\"" + name
                    + "\" cannot be the name of a bucket: S3 requires 3 or more characters, letters, digits, "
                    + "'.', '-' and '_', a letter or a digit first.");
        }
        return new Bucket(name, folder);
    }

    private static @Nullable String firstSet(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.trim().isEmpty()) {
                return value.trim();
            }
        }
        return null;
    }
}
