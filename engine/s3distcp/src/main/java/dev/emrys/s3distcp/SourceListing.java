package dev.emrys.s3distcp;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;

/** Finds the files to copy, in the order of their paths. Create one per run; not thread-safe. */
final class SourceListing {
    private final CommandLine options;
    private final Configuration conf;
    private final Map<String, SourceFile> found = new TreeMap<>();

    SourceListing(CommandLine options, Configuration conf) {
        this.options = options;
        this.conf = conf;
    }

    /**
     * The files that {@code --src}, {@code --srcPrefixesFile} or the manifest name, and that {@code --srcPattern} and
     * {@code --groupBy} match. Not those of a previous manifest.
     *
     * @throws FileNotFoundException when a source does not exist
     */
    List<SourceFile> find(@Nullable Manifest previous) throws IOException {
        Path src = qualified(new Path(options.required(Option.SRC)));
        String prefixes = options.value(Option.SRC_PREFIXES_FILE);
        if (previous != null && options.has(Option.COPY_FROM_MANIFEST)) {
            addListed(previous);
        } else if (prefixes != null) {
            addPrefixes(src, new Path(prefixes));
        } else {
            addTree(src, src.getFileSystem(conf).getFileStatus(src));
        }
        List<SourceFile> files = new ArrayList<>();
        for (SourceFile file : found.values()) {
            boolean excluded = previous != null
                    && !options.has(Option.COPY_FROM_MANIFEST)
                    && previous.contains(options.codec().rename(file.relative()));
            if (!excluded && matches(options.srcPattern(), file) && matches(options.groupBy(), file)) {
                files.add(file);
            }
        }
        files.sort(Comparator.comparing(file -> file.path().toString()));
        return files;
    }

    private static boolean matches(@Nullable Pattern pattern, SourceFile file) {
        return pattern == null || pattern.matcher(file.path().toString()).matches();
    }

    private void addListed(Manifest manifest) throws IOException {
        for (Map.Entry<String, Path> entry : manifest.paths().entrySet()) {
            Path path = qualified(entry.getValue());
            add(new SourceFile(
                    path,
                    entry.getKey(),
                    path.getFileSystem(conf).getFileStatus(path).getLen()));
        }
    }

    /** A line may be a folder, a file or, as in S3, the beginning of names. */
    private void addPrefixes(Path src, Path file) throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(file.getFileSystem(conf).open(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.trim().isEmpty()) {
                    addPrefix(src, qualified(new Path(line.trim())));
                }
            }
        }
    }

    private void addPrefix(Path src, Path prefix) throws IOException {
        FileSystem system = prefix.getFileSystem(conf);
        if (system.exists(prefix)) {
            addTree(src, system.getFileStatus(prefix));
            return;
        }
        boolean exists = false;
        for (FileStatus status : siblings(system, prefix)) {
            if (status.getPath().getName().startsWith(prefix.getName())) {
                exists = true;
                addTree(src, status);
            }
        }
        if (!exists) {
            throw new FileNotFoundException(prefix + ", which --srcPrefixesFile names, does not exist.");
        }
    }

    private static FileStatus[] siblings(FileSystem system, Path path) throws IOException {
        Path parent = path.getParent();
        return parent == null || !system.exists(parent) ? new FileStatus[0] : system.listStatus(parent);
    }

    private void addTree(Path src, FileStatus top) throws IOException {
        if (top.isFile()) {
            add(src, top);
            return;
        }
        RemoteIterator<LocatedFileStatus> files =
                top.getPath().getFileSystem(conf).listFiles(top.getPath(), true);
        while (files.hasNext()) {
            add(src, files.next());
        }
    }

    private void add(Path src, FileStatus file) throws IOException {
        Path path = file.getPath();
        String folder = src.toString();
        String text = path.toString();
        String relative;
        if (text.equals(folder)) {
            relative = path.getName();
        } else if (text.startsWith(folder.endsWith("/") ? folder : folder + "/")) {
            relative = text.substring(folder.endsWith("/") ? folder.length() : folder.length() + 1);
        } else {
            throw new IOException(path + " is not in --src=" + src + ", so it has no place at the destination.");
        }
        add(new SourceFile(path, relative, file.getLen()));
    }

    private void add(SourceFile file) {
        found.put(file.path().toString(), file);
    }

    private Path qualified(Path path) throws IOException {
        return path.getFileSystem(conf).makeQualified(path);
    }
}
