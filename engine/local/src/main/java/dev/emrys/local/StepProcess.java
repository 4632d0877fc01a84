package dev.emrys.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The processes of a step, as its folder records them: the supervisor that claimed it, whether it runs, and the exit
 * status.
 */
final class StepProcess {
    private static final Path PROC = Path.of("/proc");
    private static final int PASSES = 10;
    private static final int STAT_STATE = 0;
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
     * @param start its start time as the operating system writes it: process ids are used again, the pair of both is
     *     not
     * @param boot the boot during which it was started
     */
    record Claim(long pid, String start, String boot) {}

    /** The claim; one that cannot be parsed, as after a power failure, counts as that of a dead process. */
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

    /** Claims the step so that no supervisor can run it. False when a supervisor has claimed it already. */
    boolean blockStart() throws IOException {
        Path claim = folder.resolve("claim.blocked");
        PrivateFiles.write(claim, "0 - -\n");
        try {
            Files.createLink(folder.resolve("claim"), claim);
            return true;
        } catch (java.nio.file.FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(claim);
        }
    }

    /** The exit status; empty if there is none, or if it cannot be parsed. */
    OptionalInt exit() throws IOException {
        try {
            return OptionalInt.of(Integer.parseInt(Files.readString(folder.resolve("exit"), StandardCharsets.UTF_8)
                    .strip()));
        } catch (NoSuchFileException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /** The supervisor's process, if it is still the one that made the claim. */
    static Optional<ProcessHandle> alive(Claim claim) {
        if (claim.pid() <= 0) {
            return Optional.empty();
        }
        Optional<ProcessHandle> handle = ProcessHandle.of(claim.pid()).filter(ProcessHandle::isAlive);
        if (handle.isEmpty() || !Files.isDirectory(PROC.resolve("self"))) {
            return handle;
        }
        try {
            List<String> stat = stat(claim.pid());
            return boot().equals(Optional.of(claim.boot()))
                            && stat.get(STAT_START).equals(claim.start())
                            && !hasEnded(stat)
                    ? handle
                    : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The id of the machine's boot, if the operating system tells it in a file. */
    static Optional<String> boot() throws IOException {
        try {
            return Optional.of(Files.readString(PROC.resolve("sys/kernel/random/boot_id"), StandardCharsets.UTF_8)
                    .strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** When the claim was made. */
    Instant claimed() throws IOException {
        return Files.getLastModifiedTime(folder.resolve("claim")).toInstant();
    }

    /** The fields of /proc/PID/stat from the third on. The second, a name in parentheses, may contain any character. */
    private static List<String> stat(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
        return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    }

    /**
     * Every process of the step except its supervisor: those of its session, and those outside it that have the step's
     * id in their environment.
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
                    .filter(process -> (supervised && session(process.pid()) == supervisor) || hasStepId(process.pid()))
                    .toList();
        }
    }

    /**
     * Whether a process has ended that its parent has not waited for: in a container whose first process waits for no
     * orphans, it remains in the list of processes.
     */
    private static boolean hasEnded(List<String> stat) {
        return stat.get(STAT_STATE).equals("Z") || stat.get(STAT_STATE).equals("X");
    }

    private static long session(long pid) {
        try {
            List<String> stat = stat(pid);
            return hasEnded(stat) ? -1 : Long.parseLong(stat.get(STAT_SESSION));
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    private boolean hasStepId(long pid) {
        return hasVariable(pid, StepSpawner.STEP_VARIABLE + "=" + stepId)
                && hasVariable(
                        pid, StepEnvironment.S3_ROOT + "=" + accountFolder().resolve("s3"));
    }

    /**
     * The account's folder in {@code ACCOUNT/clusters/CLUSTER/steps/STEP}: another account may have a step with the
     * same id.
     */
    private Path accountFolder() {
        Path at = folder;
        for (int up = 0; up < 4; up++) {
            at = Objects.requireNonNull(at.getParent());
        }
        return at;
    }

    private static boolean hasVariable(long pid, String variable) {
        try {
            String environment = new String(
                    Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("environ")), StandardCharsets.UTF_8);
            return ("\0" + environment).contains("\0" + variable + "\0");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /**
     * Kills the processes that any step of a cluster left; lists the machine's processes once per pass, not once per
     * step.
     */
    static void killCluster(Account account, String clusterId) throws IOException {
        if (!Files.isDirectory(PROC.resolve("self"))) {
            killSteps(account.cluster(clusterId).resolve("steps"));
            return;
        }
        killAll(StepEnvironment.S3_ROOT + "=" + account.s3(), StepSpawner.CLUSTER_VARIABLE + "=" + clusterId);
    }

    /** As {@link #killCluster}, for all clusters of an account. Not possible without a {@code /proc}. */
    static void killAccount(Account account) {
        killAll(StepEnvironment.S3_ROOT + "=" + account.s3());
    }

    private static void killAll(String... variables) {
        for (int pass = 0; pass < PASSES; pass++) {
            List<ProcessHandle> remaining;
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                remaining = all.filter(process ->
                                Stream.of(variables).allMatch(variable -> hasVariable(process.pid(), variable)))
                        .toList();
            }
            if (remaining.isEmpty()) {
                return;
            }
            remaining.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static void killSteps(Path steps) throws IOException {
        if (!Files.isDirectory(steps)) {
            return;
        }
        try (Stream<Path> folders = Files.list(steps)) {
            for (Path folder : folders.sorted().toList()) {
                new StepProcess(folder, String.valueOf(folder.getFileName())).signal(true);
            }
        }
    }

    /**
     * Sends SIGTERM to the members, or SIGKILL. Killing takes several passes, because a member may fork during a pass.
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
