package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.schedule.Arrival;
import dev.emrys.scheduler.ArrivalSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.EnumSet;
import java.util.function.Predicate;

/**
 * Files of this machine, and the objects of the local target, which are files below the folder of the buckets.
 * Thread-safe.
 */
final class FolderArrivals implements ArrivalSource {
    private static final String SCHEME = "s3://";

    private final Path buckets;

    /** @param buckets the folder in which {@code s3://bucket/key} is {@code bucket/key} */
    FolderArrivals(Path buckets) {
        this.buckets = buckets;
    }

    @Override
    public Listing list(Arrival arrival) throws UnreadableException {
        try {
            return look(arrival);
        } catch (IOException e) {
            throw new UnreadableException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new UnreadableException(String.valueOf(e.getMessage()), e);
        }
    }

    private Listing look(Arrival arrival) throws IOException {
        if (arrival.kind() == Arrival.Kind.FILE) {
            FilePattern pattern = FilePattern.parse(arrival.location());
            Predicate<Path> isLeftOut = path -> !pattern.namesHidden() && isHidden(path);
            return new Walk(pattern.folder(), "", pattern.matcher(), isLeftOut).list(pattern.depth());
        }
        // The folder of the longest part of the prefix that is whole; what follows is the beginning of a name.
        String prefix = arrival.location().substring(SCHEME.length());
        Path folder = buckets.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
        PathMatcher matcher =
                path -> buckets.relativize(folder.resolve(path)).toString().startsWith(prefix);
        return new Walk(folder, SCHEME, matcher, path -> false).list(Integer.MAX_VALUE);
    }

    private static boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    @Override
    public Instant arrivedAt(Item item) {
        Path file = item.name().startsWith(SCHEME)
                ? buckets.resolve(item.name().substring(SCHEME.length()))
                : Path.of(item.name());
        try {
            // A file that was moved keeps the time of its modification.
            Object changed = Files.getAttribute(file, "unix:ctime");
            Instant time = ((FileTime) changed).toInstant();
            return time.isAfter(item.modifiedAt()) ? time : item.modifiedAt();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return item.modifiedAt();
        }
    }

    /** One look at a folder and what is below it. */
    private final class Walk extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final String scheme;
        private final PathMatcher matcher;
        private final Predicate<Path> isLeftOut;
        private final ImmutableList.Builder<Item> items = ImmutableList.builder();
        private int count;

        /** @param matcher is given the path below the folder */
        Walk(Path folder, String scheme, PathMatcher matcher, Predicate<Path> isLeftOut) {
            this.folder = folder;
            this.scheme = scheme;
            this.matcher = matcher;
            this.isLeftOut = isLeftOut;
        }

        Listing list(int depth) throws IOException {
            String name = scheme.isEmpty() ? folder.toString() : name(folder);
            if (Files.notExists(folder)) {
                return new Listing(name, false, ImmutableList.of());
            }
            if (!Files.isDirectory(folder)) {
                throw new IOException(name + " is no folder, or may not be read.");
            }
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, this);
            return new Listing(name, true, items.build());
        }

        private String name(Path path) {
            return scheme.isEmpty() ? path.toString() : SCHEME + buckets.relativize(path);
        }

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return !path.equals(folder) && isLeftOut.test(path)
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
            if (attributes.isRegularFile() && !isLeftOut.test(path) && matcher.matches(folder.relativize(path))) {
                if (++count > MOST) {
                    throw new IOException("More than 100,000 files match. Move or delete those that are processed.");
                }
                items.add(new Item(
                        name(path),
                        attributes.size(),
                        attributes.lastModifiedTime().toInstant()));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException || failure instanceof FileSystemLoopException) {
                return FileVisitResult.CONTINUE;
            }
            throw new IOException(name(path) + " cannot be read: " + reason(failure), failure);
        }
    }

    private static String reason(IOException failure) {
        return failure instanceof AccessDeniedException ? "permission denied" : String.valueOf(failure.getMessage());
    }
}
