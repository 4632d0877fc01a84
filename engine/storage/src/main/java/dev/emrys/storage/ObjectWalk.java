package dev.emrys.storage;

import com.google.common.primitives.UnsignedBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Visits the objects of a bucket in the order of S3, which is that of the keys' UTF-8 bytes, and reads only the folders
 * that it must. Not thread-safe.
 */
final class ObjectWalk {
    static final Comparator<String> ORDER = (left, right) -> UnsignedBytes.lexicographicalComparator()
            .compare(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    /** S3's limit. */
    private static final int LONGEST_KEY = 1024;

    private final String prefix;
    private final String delimiter;
    private final String after;
    private final Visitor visitor;

    private @Nullable String lastGroup;

    /** What is found. A visitor returns whether to go on. */
    interface Visitor {
        boolean object(StoredObject object);

        /** Keys that are the same up to the delimiter. */
        boolean group(String commonPrefix);
    }

    /**
     * A walk.
     *
     * @param prefix of all keys
     * @param delimiter empty for none
     * @param after keys up to this one, and the group of this name, are left out
     */
    ObjectWalk(String prefix, String delimiter, String after, Visitor visitor) {
        this.prefix = prefix;
        this.delimiter = delimiter;
        this.after = after;
        this.visitor = visitor;
    }

    /** Visits the objects of a bucket. */
    void walk(Path bucket) throws IOException {
        boolean unused = walk(bucket, "");
    }

    static boolean hasObject(Path folder) throws IOException {
        boolean[] found = new boolean[1];
        new ObjectWalk("", "", "", new Visitor() {
                    @Override
                    public boolean object(StoredObject object) {
                        found[0] = true;
                        return false;
                    }

                    @Override
                    public boolean group(String commonPrefix) {
                        return true;
                    }
                })
                .walk(folder);
        return found[0] || ObjectAttributes.isMarkedFolder(folder);
    }

    /** @param key of a folder, ends with a slash; that of a file does not */
    private record Entry(String key, Path path, BasicFileAttributes attributes) {}

    /** Whether to go on. */
    private boolean walk(Path folder, String folderKey) throws IOException {
        for (Entry entry : entries(folder, folderKey)) {
            boolean goOn = entry.attributes().isDirectory() ? folder(entry) : file(entry);
            if (!goOn) {
                return false;
            }
        }
        return true;
    }

    private boolean folder(Entry entry) throws IOException {
        String key = entry.key();
        boolean isBefore = ORDER.compare(key, after) <= 0 && !after.startsWith(key);
        if (isBefore || !(key.startsWith(prefix) || prefix.startsWith(key))) {
            return true;
        }
        String group = group(key);
        if (group != null) {
            if (group.equals(after) || group.equals(lastGroup)) {
                return true;
            }
            // All its keys are in the group: one that is after the given one is enough.
            if (!after.startsWith(key)) {
                return !hasObject(entry.path()) || visit(group);
            }
        }
        if (ObjectAttributes.isMarkedFolder(entry.path())
                && !visitObject(key, StoredObject.folder(key, entry.attributes()))) {
            return false;
        }
        return walk(entry.path(), key);
    }

    private boolean file(Entry entry) {
        return ORDER.compare(entry.key(), after) <= 0
                || !entry.key().startsWith(prefix)
                || visitObject(entry.key(), StoredObject.file(entry.key(), entry.path(), entry.attributes()));
    }

    private boolean visitObject(String key, StoredObject object) {
        if (ORDER.compare(key, after) <= 0 || !key.startsWith(prefix)) {
            return true;
        }
        String group = group(key);
        if (group == null) {
            return visitor.object(object);
        }
        return group.equals(after) || group.equals(lastGroup) || visit(group);
    }

    private boolean visit(String group) {
        lastGroup = group;
        return visitor.group(group);
    }

    /** Null when the key is in no group. */
    private @Nullable String group(String key) {
        if (delimiter.isEmpty() || !key.startsWith(prefix)) {
            return null;
        }
        int end = key.indexOf(delimiter, prefix.length());
        return end < 0 ? null : key.substring(0, end + delimiter.length());
    }

    /** Whether a folder is a link to one that it is in. */
    private static boolean isAbove(Path child, Path folder) throws IOException {
        return Files.isSymbolicLink(child) && folder.toRealPath().startsWith(child.toRealPath());
    }

    private List<Entry> entries(Path folder, String folderKey) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                String name = folderKey + child.getFileName();
                boolean isBefore = ORDER.compare(name, after) < 0 && !after.startsWith(name);
                if (isBefore
                        || !(name.startsWith(prefix) || prefix.startsWith(name))
                        || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY) {
                    continue;
                }
                BasicFileAttributes attributes = ExistingFiles.attributes(child);
                if (attributes == null || (attributes.isDirectory() && isAbove(child, folder))) {
                    continue;
                }
                if (attributes.isDirectory()) {
                    entries.add(new Entry(name + "/", child, attributes));
                } else if (attributes.isRegularFile()) {
                    entries.add(new Entry(name, child, attributes));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // It was deleted meanwhile, and so were its objects.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        entries.sort(Comparator.comparing(Entry::key, ORDER));
        return entries;
    }
}
