package dev.emrys.s3distcp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Decides which files are written, and of which source files each consists. Create one per run; not thread-safe.
 *
 * <p>Not documented by AWS, and decided here: files of a group are joined in the order of their paths, into the folder
 * of the first one. The compression of the files is appended to the name of the group if it is missing there. A part is
 * full when it has reached the target size. A single part has no number; with {@code --appendToLastFile} it counts as
 * number 0.
 */
final class OutputPlan {
    private final CommandLine options;
    private final Configuration conf;
    private final Path dest;
    private final List<OutputFile> outputs = new ArrayList<>();
    private int index;

    OutputPlan(CommandLine options, Configuration conf, Path dest) {
        this.options = options;
        this.conf = conf;
        this.dest = dest;
        this.index = options.startingIndex();
    }

    /** @throws IOException when two files would have one path at the destination */
    List<OutputFile> make(List<SourceFile> files) throws IOException {
        for (Map.Entry<String, List<SourceFile>> group : groups(files).entrySet()) {
            if (options.groupBy() == null) {
                add(group.getKey(), group.getValue(), options.has(Option.APPEND_TO_LAST_FILE));
            } else {
                addParts(group.getKey(), group.getValue());
            }
        }
        Set<Path> paths = new HashSet<>();
        for (OutputFile output : outputs) {
            if (!paths.add(output.path())) {
                throw new IOException("Two files would have the path " + output.path() + ".");
            }
        }
        return Collections.unmodifiableList(outputs);
    }

    /** From the path below the destination to the files; without groups one for each file. */
    private Map<String, List<SourceFile>> groups(List<SourceFile> files) throws IOException {
        Map<String, List<SourceFile>> byName = new LinkedHashMap<>();
        for (SourceFile file : files) {
            Pattern pattern = options.groupBy();
            String name = pattern == null
                    ? file.path().toString()
                    : nameOf(pattern.matcher(file.path().toString()));
            byName.computeIfAbsent(name, key -> new ArrayList<>()).add(file);
        }
        Map<String, List<SourceFile>> groups = new LinkedHashMap<>();
        for (Map.Entry<String, List<SourceFile>> group : byName.entrySet()) {
            String first = group.getValue().get(0).relative();
            String path = options.groupBy() == null ? first : folderOf(first) + group.getKey();
            String renamed = options.codec().rename(withCompression(path, group.getValue()));
            if (groups.put(renamed, group.getValue()) != null) {
                throw new IOException("Two files would have the path " + below(renamed) + ".");
            }
        }
        return groups;
    }

    private static String nameOf(Matcher matcher) {
        StringBuilder name = new StringBuilder();
        if (matcher.matches()) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                String text = matcher.group(group);
                name.append(text == null ? "" : text);
            }
        }
        return name.toString();
    }

    private static String folderOf(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }

    /** Compressed files can be joined as they are, but only if all are compressed in the same way. */
    private String withCompression(String path, List<SourceFile> files) throws IOException {
        if (options.codec() != OutputCodec.KEEP || options.groupBy() == null) {
            return path;
        }
        String compression = OutputCodec.compressionOf(files.get(0).relative());
        for (SourceFile file : files) {
            if (!OutputCodec.compressionOf(file.relative()).equals(compression)) {
                throw new IOException("The group " + path
                        + " has files of different compressions, which cannot be joined. Add --outputCodec.");
            }
        }
        return path.endsWith(compression) ? path : path + compression;
    }

    private void addParts(String path, List<SourceFile> files) throws IOException {
        if (path.endsWith("/") || path.isEmpty()) {
            throw new IOException("The parentheses of --groupBy matched nothing for "
                    + files.get(0).path() + ", so that the output file has no name.");
        }
        long target = options.targetSize() == 0 ? Long.MAX_VALUE : options.targetSize();
        int number = options.has(Option.APPEND_TO_LAST_FILE) ? lastPart(path) : -1;
        boolean appends = number >= 0;
        long size = appends ? sizeOf(part(path, number)) : 0;
        String existing = appends ? part(path, number) : "";
        if (size >= target) {
            appends = false;
            number++;
            size = 0;
        }
        List<List<SourceFile>> parts = new ArrayList<>();
        List<SourceFile> current = new ArrayList<>();
        for (SourceFile file : files) {
            current.add(file);
            size += file.size();
            if (size >= target) {
                parts.add(current);
                current = new ArrayList<>();
                size = 0;
            }
        }
        if (!current.isEmpty()) {
            parts.add(current);
        }
        if (number < 0 && parts.size() == 1) {
            add(path, parts.get(0), false);
            return;
        }
        int first = Math.max(number, 0);
        for (int i = 0; i < parts.size(); i++) {
            boolean append = appends && i == 0;
            add(append ? existing : numbered(path, first + i), parts.get(i), append);
        }
    }

    private void add(String relative, List<SourceFile> sources, boolean append) {
        String name = relative;
        if (options.has(Option.NUMBER_FILES)) {
            String folder = folderOf(relative);
            name = folder + index + relative.substring(folder.length());
            index++;
        }
        outputs.add(new OutputFile(below(name), name, sources, append));
    }

    /** Not {@code new Path(dest, relative)}, which parses a name with a colon as an address. */
    private Path below(String relative) {
        String folder = dest.toString();
        return new Path(folder.endsWith("/") ? folder + relative : folder + "/" + relative);
    }

    /** {@code a.gz} becomes {@code a1.gz}. */
    private static String numbered(String path, int number) {
        int dot = path.lastIndexOf('.');
        return dot <= path.lastIndexOf('/') + 1 ? path + number : path.substring(0, dot) + number + path.substring(dot);
    }

    /** The number of the last part that exists; -1 if there is none. */
    private int lastPart(String path) throws IOException {
        int last = exists(path) || exists(numbered(path, 0)) ? 0 : -1;
        while (last >= 0 && exists(numbered(path, last + 1))) {
            last++;
        }
        return last;
    }

    private String part(String path, int number) throws IOException {
        return number == 0 && exists(path) ? path : numbered(path, number);
    }

    private boolean exists(String relative) throws IOException {
        Path path = below(relative);
        FileSystem system = path.getFileSystem(conf);
        return system.exists(path) && system.getFileStatus(path).isFile();
    }

    private long sizeOf(String relative) throws IOException {
        Path path = below(relative);
        FileStatus status = path.getFileSystem(conf).getFileStatus(path);
        return status.getLen();
    }
}
