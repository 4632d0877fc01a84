package dev.emrys.local;

import com.google.common.collect.ImmutableSet;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that only this user may read and write. A path is trusted when it belongs to this user or to root,
 * and neither its group nor others may write it; of a symbolic link, the link's owner and all of its target count. On a
 * file system without owners and modes nothing is checked and nothing is changed. Thread-safe.
 */
public final class PrivateFiles {
    private static final String UNIX_VIEW = "unix";

    /** The bits of a Unix mode: see inode(7). */
    private static final int TYPE = 0170000;

    private static final int LINK = 0120000;
    private static final int FOLDER = 0040000;
    private static final int PERMISSIONS = 07777;
    private static final int OTHERS = 077;
    private static final int OTHERS_READ = 044;
    private static final int OTHERS_WRITE = 022;
    private static final int ALL_WRITE = 002;
    /** In a folder with it, a file is replaced by its owner and by that of the folder only. */
    private static final int STICKY = 01000;

    private static final int ROOT = 0;

    /**
     * Linux shows one owner and one mode for all files of these, which are options of the mount and which chmod cannot
     * change.
     */
    private static final ImmutableSet<String> WITHOUT_MODES =
            ImmutableSet.of("vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "drvfs", "vboxsf", "cifs", "smb3");

    private PrivateFiles() {}

    private record Rights(int uid, int gid, int mode) {
        boolean isLink() {
            return (mode & TYPE) == LINK;
        }

        boolean isFolder() {
            return (mode & TYPE) == FOLDER;
        }

        /** Many systems give each user a group of the same number, and let it write by default. */
        boolean othersMayWrite() {
            boolean replaceable = !isFolder() || (mode & STICKY) == 0;
            return replaceable && (mode & (gid == uid ? ALL_WRITE : OTHERS_WRITE)) != 0;
        }
    }

    /**
     * Checks a path before anything is read from it or sent to it.
     *
     * @param noun what it is, for the message, such as "state folder"
     * @return whether there is such a file or folder
     * @throws UntrustedFileException when another user owns it or may write it
     */
    public static boolean check(String noun, Path path) {
        Rights found = rights(noun, path, LinkOption.NOFOLLOW_LINKS);
        if (found == null) {
            return Files.exists(path);
        }
        if (!isTrustedOwner(found.uid()) && hasModes(path)) {
            throw foreign(noun, path, found);
        }
        if (!found.isLink()) {
            return checkMode(noun, path, found);
        }
        Rights target = rights(noun, path);
        if (target == null) {
            return Files.exists(path);
        }
        Path real = real(path);
        if (!isTrustedOwner(target.uid()) && hasModes(real)) {
            throw foreign(noun, real, target);
        }
        return checkMode(noun, real, target);
    }

    /**
     * Who else may change a file that people write and share with a folder, such as one with settings. The file, its
     * folder and, for a symbolic link, the target and its folder must belong to this user or to root. Others may not
     * write them; a group may whose number is that of the owner, and a folder with the sticky bit may be shared.
     *
     * @return what is not trusted, for people, without a full stop; empty when all is
     */
    public static Optional<String> distrust(Path file) {
        Path real = real(file);
        return Stream.of(file.toAbsolutePath(), real)
                .distinct()
                .flatMap(each -> Stream.of(each, each.getParent()))
                .filter(Objects::nonNull)
                .flatMap(each -> distrustOne(each).stream())
                .findFirst();
    }

    private static Optional<String> distrustOne(Path path) {
        Rights found = rights("file", path, LinkOption.NOFOLLOW_LINKS);
        if (found == null) {
            return Optional.empty();
        }
        String noun = found.isFolder() ? "folder" : found.isLink() ? "symbolic link" : "file";
        if (!isTrustedOwner(found.uid())) {
            return hasModes(path)
                    ? Optional.of("the " + noun + " " + path + " belongs to the user " + owner(path, found)
                            + ", and you are " + me())
                    : Optional.empty();
        }
        // A link's own mode says nothing.
        return !found.isLink() && found.othersMayWrite() && hasModes(path)
                ? Optional.of("other users may write the " + noun + " " + path + ", its mode is "
                        + String.format("%04o", found.mode() & PERMISSIONS))
                : Optional.empty();
    }

    private static boolean checkMode(String noun, Path path, Rights rights) {
        if ((rights.mode() & OTHERS_WRITE) != 0 && hasModes(path)) {
            throw writable(noun, path, rights);
        }
        return true;
    }

    /**
     * Creates a folder with mode 0700, whatever the umask. One that exists is checked, and others lose the right to
     * read it.
     *
     * @throws UntrustedFileException as {@link #check}
     */
    public static void createFolder(String noun, Path folder) throws IOException {
        if (check(noun, folder)) {
            narrow(folder);
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(folder, attributes(folder, "rwx------"));
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, perhaps one of another user.
            if (!check(noun, folder) || !Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    /**
     * Creates an empty file with mode 0600, whatever the umask. One that exists is checked, and others lose the right
     * to read it. Opens no existing file, because to close it would drop this process's locks on it.
     *
     * @throws UntrustedFileException as {@link #check}
     */
    public static void createFile(String noun, Path file) throws IOException {
        if (check(noun, file)) {
            narrow(file);
            return;
        }
        try {
            Files.newByteChannel(
                            file,
                            ImmutableSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            attributesOfFile(file))
                    .close();
        } catch (FileAlreadyExistsException e) {
            var unused = check(noun, file);
        }
    }

    /**
     * Creates a folder and those above it that are missing, all with mode 0700. What exists is neither checked nor
     * changed.
     */
    static void createFolders(Path folder) throws IOException {
        Files.createDirectories(folder, attributes(folder, "rwx------"));
    }

    /**
     * Opens a file for writing, and creates it with mode 0600 when it is missing. The mode of one that exists is not
     * changed.
     *
     * @param options besides those that create and write; without one, the content of an existing file is replaced
     */
    static OutputStream write(Path file, OpenOption... options) throws IOException {
        ImmutableSet<OpenOption> all = ImmutableSet.<OpenOption>builder()
                .add(StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                .add(options.length == 0 ? new OpenOption[] {StandardOpenOption.TRUNCATE_EXISTING} : options)
                .build();
        return Channels.newOutputStream(Files.newByteChannel(file, all, attributesOfFile(file)));
    }

    /** As {@link #write(Path, OpenOption...)}; writes the text in UTF-8. */
    static void write(Path file, String text, OpenOption... options) throws IOException {
        try (OutputStream out = write(file, options)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** For the creation of a file that only this user may read and write; empty on a file system without modes. */
    static FileAttribute<?>[] attributesOfFile(Path file) {
        return attributes(file, "rw-------");
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return hasUnixView(path)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether the mode of the file, or of the target of a link, lets its group or others read it. */
    public static boolean othersMayRead(Path file) {
        Rights rights = rights("file", file);
        return rights != null && (rights.mode() & OTHERS_READ) != 0 && hasModes(file);
    }

    /**
     * Removes the rights of the group and of others, also from the target of a link. No effect on what belongs to
     * another user.
     */
    public static void narrow(Path path) throws IOException {
        Rights rights = rights("file", path);
        if (rights != null && (rights.mode() & OTHERS) != 0 && isMine(rights.uid()) && hasModes(path)) {
            Files.setAttribute(path, UNIX_VIEW + ":mode", rights.mode() & PERMISSIONS & ~OTHERS);
        }
    }

    /** @return null when there is no such file, or no owners and modes */
    private static @Nullable Rights rights(String noun, Path path, LinkOption... links) {
        if (!hasUnixView(path)) {
            return null;
        }
        try {
            // By numbers: to look up the owner's name takes longer.
            Map<String, Object> found = Files.readAttributes(path, UNIX_VIEW + ":uid,gid,mode", links);
            return found.get("uid") instanceof Integer uid
                            && found.get("gid") instanceof Integer gid
                            && found.get("mode") instanceof Integer mode
                    ? new Rights(uid, gid, mode)
                    : null;
        } catch (NoSuchFileException e) {
            return null;
        } catch (AccessDeniedException e) {
            throw new UntrustedFileException("The " + noun + " " + path
                    + " cannot be checked: this user may not enter a folder above it.\n    Give this user that right, or name"
                    + " another state folder with --state.");
        } catch (IOException e) {
            // Such as a file in the place of a folder above: what uses the path fails with the reason.
            return null;
        }
    }

    private static boolean hasUnixView(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains(UNIX_VIEW);
    }

    /** Asked only when something is to be refused or changed. */
    private static boolean hasModes(Path path) {
        try {
            return !WITHOUT_MODES.contains(Files.getFileStore(path).type());
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isTrustedOwner(int uid) {
        return uid == ROOT || isMine(uid);
    }

    /**
     * The first question takes a tenth of the time of the second; a process that may not be traced gets a wrong answer
     * to it.
     */
    private static boolean isMine(int uid) {
        try {
            if (Files.getAttribute(Path.of("/proc/self"), UNIX_VIEW + ":uid") instanceof Integer mine && mine == uid) {
                return true;
            }
        } catch (IOException | UnsupportedOperationException e) {
            // Not Linux.
        }
        return new UnixSystem().getUid() == uid;
    }

    private static UntrustedFileException foreign(String noun, Path path, Rights rights) {
        String subject = rights.isLink() ? "symbolic link" : noun;
        String option = rights.isLink() ? "-h " : rights.isFolder() ? "-R " : "";
        return refused(
                "The " + subject + " " + path + " belongs to the user " + owner(path, rights) + ", and you are " + me()
                        + ".",
                sudo() + "chown " + option + me() + " " + word(path));
    }

    private static UntrustedFileException writable(String noun, Path path, Rights rights) {
        return refused(
                "Other users may write the " + noun + " " + path + ": its mode is "
                        + String.format("%04o", rights.mode() & PERMISSIONS) + ".",
                (isMine(rights.uid()) ? "" : sudo()) + "chmod " + (rights.isFolder() ? "-R " : "") + "go-w "
                        + word(path));
    }

    private static UntrustedFileException refused(String what, String command) {
        return new UntrustedFileException(what
                + "\n    Name another state folder with --state. Or, if you know the content of this one and trust it, run: "
                + command);
    }

    private static String sudo() {
        return isMine(ROOT) ? "" : "sudo ";
    }

    private static String me() {
        String name = System.getProperty("user.name", "?");
        return name.equals("?") ? Long.toString(new UnixSystem().getUid()) : name;
    }

    private static String owner(Path path, Rights rights) {
        try {
            return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
        } catch (IOException e) {
            return Integer.toString(rights.uid());
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    /** A path as one word of a shell command. */
    public static String word(Path path) {
        return ClusterPaths.word(path, "'" + path.toString().replace("'", "'\\''") + "'");
    }
}
