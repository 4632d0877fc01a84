package dev.emrys.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What the folder of a step tells about its processes: who claimed it, whether they live, how it ended. */
final class StepProcess {
    private static final Path PROC = Path.of("/proc");
    private static final int PASSES = 10;
    private static final int STAT_SESSION = 3;
    private static final int STAT_START = 19;

    private final Path folder;
    private final String stepId;

    StepProcess(Path folder, String stepId) {
        this.folder = folder;
        this.stepId = stepId;
    }

    /**
     * The supervisor that runs the step.
     *
     * @param start its start time as the machine writes it: a process id is given anew, the pair is not
     * @param boot the boot it was started in
     */
    record Claim(long pid, String start, String boot) {}

    /** One that cannot be read, as a power cut may leave it, is that of a process that lives no more. */
    Optional<Claim> claim() throws IOException {
        try {
            String[] parts = Files.readString(folder.resolve("claim"), StandardCharsets.UTF_8)
                    .strip()
                    .split(" ");
            return Optional.of(new Claim(
                    Long.parseLong(parts[0]), parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : ""));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.of(new Claim(0, "", ""));
        }
    }

    /** Claims the step so that no supervisor ever runs it. False when one has claimed it before. */
    boolean claimForNobody() throws IOException {
        Path mine = folder.resolve("claim.nobody");
        Files.writeString(mine, "0 - -\n", StandardCharsets.UTF_8);
        try {
            Files.createLink(folder.resolve("claim"), mine);
            return true;
        } catch (java.nio.file.FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(mine);
        }
    }

    /** Empty also for a status that cannot be read: what it was is not known. */
    OptionalInt exit() throws IOException {
        try {
            return OptionalInt.of(Integer.parseInt(Files.readString(folder.resolve("exit"), StandardCharsets.UTF_8)
                    .strip()));
        } catch (NoSuchFileException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /** The supervisor's process, if it still is the one that made the claim. */
    static Optional<ProcessHandle> alive(Claim claim) {
        if (claim.pid() <= 0) {
            return Optional.empty();
        }
        Optional<ProcessHandle> handle = ProcessHandle.of(claim.pid()).filter(ProcessHandle::isAlive);
        if (handle.isEmpty() || !Files.isDirectory(PROC.resolve("self"))) {
            return handle;
        }
        try {
            String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.UTF_8)
                    .strip();
            return boot.equals(claim.boot())
                            && stat(claim.pid()).get(STAT_START).equals(claim.start())
                    ? handle
                    : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The fields of /proc/PID/stat from the third on: the second, a name in parentheses, may hold anything. */
    private static List<String> stat(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
        return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    }

    /**
     * Every process of the step but its supervisor: those of its session, and those that left it but still carry the step's id in
     * their environment.
     */
    List<ProcessHandle> members() throws IOException {
        Optional<Claim> claim = claim();
        long supervisor = claim.map(Claim::pid).orElse(0L);
        boolean supervised = claim.flatMap(StepProcess::alive).isPresent();
        if (!Files.isDirectory(PROC.resolve("self"))) {
            return supervised
                    ? ProcessHandle.of(supervisor).stream()
                            .flatMap(ProcessHandle::descendants)
                            .toList()
                    : List.of();
        }
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> process.pid() != supervisor)
                    .filter(process -> (supervised && session(process.pid()) == supervisor) || carriesId(process.pid()))
                    .toList();
        }
    }

    private static long session(long pid) {
        try {
            return Long.parseLong(stat(pid).get(STAT_SESSION));
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    private boolean carriesId(long pid) {
        return carries(pid, Supervisors.STEP_VARIABLE + "=" + stepId)
                && carries(pid, CleanEnvironment.S3_ROOT + "=" + accountFolder().resolve("s3"));
    }

    /** Of {@code ACCOUNT/clusters/CLUSTER/steps/STEP}: another account may have a step of the same id. */
    private Path accountFolder() {
        Path at = folder;
        for (int up = 0; up < 4; up++) {
            at = Objects.requireNonNull(at.getParent());
        }
        return at;
    }

    private static boolean carries(long pid, String variable) {
        try {
            String environment = new String(
                    Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("environ")), StandardCharsets.UTF_8);
            return ("\0" + environment).contains("\0" + variable + "\0");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Kills whatever any step of a cluster has left behind; one look at the machine, however many steps there were. */
    static void killCluster(Path s3, String clusterId) {
        String account = CleanEnvironment.S3_ROOT + "=" + s3;
        String cluster = Supervisors.CLUSTER_VARIABLE + "=" + clusterId;
        for (int pass = 0; pass < PASSES; pass++) {
            List<ProcessHandle> left;
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                left = all.filter(process -> carries(process.pid(), cluster) && carries(process.pid(), account))
                        .toList();
            }
            if (left.isEmpty()) {
                return;
            }
            left.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * Sends the members an interrupt, or kills them. What a member forks while the others are being looked for is found by the next
     * pass.
     */
    void signal(boolean kill) throws IOException {
        List<ProcessHandle> found = members();
        for (int pass = 0; pass < (kill ? PASSES : 1) && !found.isEmpty(); pass++) {
            for (ProcessHandle process : found) {
                boolean unused = kill ? process.destroyForcibly() : process.destroy();
            }
            found = kill ? members() : List.of();
        }
    }
}
