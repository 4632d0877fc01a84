package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.StepExit;
import dev.emrys.emulator.StepListener;
import dev.emrys.emulator.StepOrder;
import dev.emrys.emulator.StepRunner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs steps as real processes, each under a supervisor in a session of its own. What happened stands in the step's folder, so that
 * whoever comes after a killed owner finds a step that still runs, or its exit status; where there is neither, the step was lost, and
 * that is a failure, never a success. Thread-safe.
 */
public final class Supervisors implements StepRunner, AutoCloseable {
    static final String STEP_VARIABLE = "EMRYS_STEP_ID";
    static final String CLUSTER_VARIABLE = "EMRYS_CLUSTER_ID";

    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:\\{([A-Za-z_][A-Za-z0-9_]*)}|([A-Za-z_][A-Za-z0-9_]*))");
    private static final int NOTHING_LEFT = 137;
    private static final long LOOK_EVERY_MILLIS = 50;
    private static final long AGAIN_MILLIS = 500;
    private static final long AGAIN_AT_MOST_MILLIS = 30_000;
    /** How long a supervisor may take from its start to its claim. */
    private static final long CLAIM_WITHIN_LOOKS = 400;

    private final Account account;
    private final LocalJvm jvm;
    private final InstantSource clock;
    private final Path script;
    private final boolean setsid;
    private final Map<String, Watched> running = new ConcurrentHashMap<>();
    private final ScheduledExecutorService looker;
    private final ExecutorService publisher;

    /** A step whose end is waited for. */
    private static final class Watched {
        final StepOrder order;
        final StepListener listener;
        final Path folder;
        boolean told;
        boolean ending;
        long looksWithoutClaim;

        Watched(StepOrder order, StepListener listener, Path folder) {
            this.order = order;
            this.listener = listener;
            this.folder = folder;
        }
    }

    public Supervisors(Account account, Toolkits toolkits, InstantSource clock) throws IOException {
        this.account = account;
        this.jvm = new LocalJvm(toolkits);
        this.clock = clock;
        account.create();
        this.script = install(account);
        this.setsid = Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(path -> Files.isExecutable(Path.of(path)));
        this.looker = Executors.newSingleThreadScheduledExecutor(daemon("emrys-steps"));
        this.publisher = Executors.newSingleThreadExecutor(daemon("emrys-logs"));
        var unused = looker.scheduleWithFixedDelay(this::lookAtAll, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static Path install(Account account) throws IOException {
        Path script = account.bin().resolve("supervisor.sh");
        Path temporary =
                account.bin().resolve("supervisor.sh." + ProcessHandle.current().pid());
        try (InputStream in = Supervisors.class.getResourceAsStream("supervisor.sh")) {
            if (in == null) {
                throw new IllegalStateException("supervisor.sh is missing from the jar");
            }
            Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(temporary, script, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return script;
    }

    @Override
    public void start(StepOrder order, StepListener listener) {
        Path folder = account.step(order.clusterId(), order.stepId());
        Watched watched = new Watched(order, listener, folder);
        looker.execute(() -> begin(watched));
    }

    private void begin(Watched watched) {
        StepOrder order = watched.order;
        if (running.putIfAbsent(order.stepId(), watched) != null) {
            return;
        }
        start(watched);
    }

    /** Derby lets one process into a metastore at a time, where a cluster has a service for all. */
    @Override
    public boolean mayStart(StepOrder order, ImmutableList<StepOrder> running) {
        return !usesMetastore(order) || running.stream().noneMatch(Supervisors::usesMetastore);
    }

    private static boolean usesMetastore(StepOrder order) {
        return order.jar().equals("command-runner.jar")
                && !order.args().isEmpty()
                && order.args().get(0).equals("spark-sql");
    }

    private void start(Watched watched) {
        StepOrder order = watched.order;
        StepLogs logs = new StepLogs(watched.folder);
        try {
            Files.createDirectories(watched.folder.resolve("work"));
            Files.createDirectories(account.cluster(order.clusterId()).resolve("home"));
            if (begun(watched, logs)) {
                return;
            }
            ConfFolder.write(account.cluster(order.clusterId()).resolve("conf"), order.configurations());
            LocalCommand command = new CommandLines(account, jvm, order).command();
            for (String note : command.notes()) {
                logs.controller(clock.instant(), "NOTE " + note);
            }
            logs.controller(clock.instant(), "Starting " + describe(order));
            spawn(watched, command);
        } catch (LocalCommand.NotRunHereException | ToolkitException e) {
            refuse(watched, logs, String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            refuse(watched, logs, "The step could not be started: " + e);
        }
    }

    /** Whether it was started before; whatever it is that cannot be written or read then, it is watched and not refused. */
    private boolean begun(Watched watched, StepLogs logs) throws IOException {
        StepProcess process = new StepProcess(watched.folder, watched.order.stepId());
        if (process.claim().isEmpty() && process.exit().isEmpty()) {
            return false;
        }
        try {
            logs.controller(clock.instant(), "The owner process is back and looks for the step it had started.");
        } catch (IOException e) {
            System.err.println("The controller log of step " + watched.order.stepId() + " cannot be written: " + e);
        }
        return true;
    }

    /** The program and its kind, without arguments: those may hold what nobody should read in a log. */
    private static String describe(StepOrder order) {
        String program =
                order.jar().equals("command-runner.jar") && !order.args().isEmpty()
                        ? order.args().get(0)
                        : order.jar() + (order.mainClass() == null ? "" : " " + order.mainClass());
        return program + ", " + order.args().size() + " arguments, on " + order.releaseLabel() + ".";
    }

    private void spawn(Watched watched, LocalCommand command) throws IOException {
        List<String> line = new ArrayList<>();
        if (setsid) {
            line.add("setsid");
        }
        line.addAll(List.of("sh", script.toString(), watched.folder.toString()));
        Map<String, String> clean = CleanEnvironment.of(
                System.getenv(), account.cluster(watched.order.clusterId()).resolve("home"), account.s3());
        // By env, after the claim: what the author exports, a PATH say, is the step's and not its supervisor's.
        line.add("env");
        command.environment().forEach((name, value) -> line.add(name + "=" + expanded(value, clean)));
        line.addAll(command.command());
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(watched.folder.toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        watched.folder.resolve("supervisor.log").toFile()))
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(clean);
        environment.put(STEP_VARIABLE, watched.order.stepId());
        environment.put(CLUSTER_VARIABLE, watched.order.clusterId());
        builder.start();
    }

    /** With what a cluster's shell puts in for {@code $NAME} and {@code ${NAME}}. */
    private static String expanded(String value, Map<String, String> environment) {
        return VARIABLE.matcher(value)
                .replaceAll(found -> Matcher.quoteReplacement(
                        environment.getOrDefault(found.group(1) == null ? found.group(2) : found.group(1), "")));
    }

    private void refuse(Watched watched, StepLogs logs, String why) {
        watched.ending = true;
        try {
            logs.controller(clock.instant(), "FAILED " + why);
            logs.publish(account, watched.order.logUri(), watched.order.clusterId(), watched.order.stepId());
        } catch (IOException | RuntimeException e) {
            // The reason is told all the same.
            System.err.println("The logs of step " + watched.order.stepId() + " stay in " + watched.folder + ": " + e);
        }
        tell(
                watched,
                new StepExit.Failed(
                        clock.instant(),
                        "The step was not started.",
                        why,
                        watched.folder.resolve("controller").toString()),
                AGAIN_MILLIS);
    }

    private void lookAtAll() {
        for (Watched watched : ImmutableList.copyOf(running.values())) {
            if (watched.ending) {
                continue;
            }
            try {
                look(watched);
            } catch (IOException | RuntimeException e) {
                // A disk that is full or gone for a while: looked at again in a moment.
                watched.looksWithoutClaim++;
            }
        }
    }

    private void look(Watched watched) throws IOException {
        StepProcess process = new StepProcess(watched.folder, watched.order.stepId());
        OptionalInt exit = process.exit();
        if (exit.isPresent()) {
            ended(watched, exit.getAsInt());
            return;
        }
        Optional<StepProcess.Claim> claim = process.claim();
        if (!Files.isDirectory(watched.folder)) {
            lost(watched, "its folder was taken away");
            return;
        }
        if (claim.isEmpty()) {
            if (++watched.looksWithoutClaim > CLAIM_WITHIN_LOOKS && process.claimForNobody()) {
                lost(watched, "its supervisor did not begin");
            }
            return;
        }
        if (StepProcess.alive(claim.get()).isPresent()) {
            if (!watched.told) {
                watched.told = true;
                watched.listener.running(clock.instant());
            }
            return;
        }
        // It may have written the status between our look at it and its end.
        exit = process.exit();
        if (exit.isPresent()) {
            ended(watched, exit.getAsInt());
        } else if (Files.exists(watched.folder.resolve("cancel"))) {
            ended(watched, NOTHING_LEFT);
        } else {
            lost(watched, "its supervisor died");
        }
    }

    private void lost(Watched watched, String how) throws IOException {
        new StepProcess(watched.folder, watched.order.stepId()).signal(true);
        finish(
                watched,
                "Lost: " + how + ".",
                new StepExit.Failed(
                        clock.instant(),
                        "The step was lost: " + how + ", and left no exit status.",
                        "Whether it had finished its work is not known.",
                        new StepLogs(watched.folder).stderr().toString()));
    }

    private void ended(Watched watched, int code) {
        boolean cancelled = Files.exists(watched.folder.resolve("cancel"));
        StepLogs logs = new StepLogs(watched.folder);
        StepExit exit;
        if (code == 0) {
            exit = new StepExit.Completed(clock.instant());
        } else if (cancelled) {
            exit = new StepExit.Cancelled(clock.instant());
        } else {
            String words = logs.lastWords();
            exit = new StepExit.Failed(
                    clock.instant(),
                    "Exit code " + code + ".",
                    words.isBlank() ? null : words,
                    logs.speaking().toString());
        }
        finish(watched, (cancelled && code != 0 ? "Cancelled, exit" : "Exit") + " code " + code + ".", exit);
    }

    private void finish(Watched watched, String line, StepExit exit) {
        if (!watched.ending) {
            watched.ending = true;
            // Aside: the logs may be large, and other steps are started and ended meanwhile.
            publisher.execute(() -> publish(watched, line, exit));
        }
    }

    private void publish(Watched watched, String line, StepExit exit) {
        StepLogs logs = new StepLogs(watched.folder);
        try {
            logs.controller(clock.instant(), line);
            logs.publish(account, watched.order.logUri(), watched.order.clusterId(), watched.order.stepId());
        } catch (IOException | RuntimeException e) {
            // The step has ended all the same: that its logs are only in its folder must not keep it running for ever.
            System.err.println("The logs of step " + watched.order.stepId() + " stay in " + watched.folder + ": " + e);
        }
        tell(watched, exit, AGAIN_MILLIS);
    }

    /** Until it is heard: a disk that is full for a while must not keep a step that has ended running for ever. */
    private void tell(Watched watched, StepExit exit, long pause) {
        try {
            watched.listener.ended(exit);
            running.remove(watched.order.stepId());
        } catch (RuntimeException e) {
            System.err.println("The end of step " + watched.order.stepId() + " cannot be told yet: " + e);
            again(next -> tell(watched, exit, next), pause);
        }
    }

    /** Less and less often: what lasts must not fill the owner's log. */
    private void again(LongConsumer action, long pause) {
        if (!looker.isShutdown()) {
            var unused = looker.schedule(
                    () -> action.accept(Math.min(pause * 2, AGAIN_AT_MOST_MILLIS)), pause, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void cancel(String clusterId, String stepId, boolean force) {
        looker.execute(() -> end(clusterId, stepId, force, AGAIN_MILLIS));
    }

    private void end(String clusterId, String stepId, boolean force, long pause) {
        Path folder = account.step(clusterId, stepId);
        StepProcess process = new StepProcess(folder, stepId);
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("cancel"), new byte[0]);
            if (process.claim().isEmpty() && process.claimForNobody()) {
                // It was ordered and not begun: now it never will be.
                return;
            }
            process.signal(force);
        } catch (IOException e) {
            System.err.println("The step " + stepId + " cannot be ended yet: " + e);
            again(next -> end(clusterId, stepId, force, next), pause);
        }
    }

    /** Ends whatever a step of the cluster left running: a cluster's end ends its machines. */
    @Override
    public void clusterEnded(String clusterId) {
        if (Files.isDirectory(Path.of("/proc/self"))) {
            StepProcess.killCluster(account.s3(), clusterId);
            return;
        }
        Path steps = account.cluster(clusterId).resolve("steps");
        if (!Files.isDirectory(steps)) {
            return;
        }
        try (Stream<Path> folders = Files.list(steps)) {
            for (Path folder : folders.sorted().toList()) {
                new StepProcess(folder, String.valueOf(folder.getFileName())).signal(true);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Stops watching. The steps run on. */
    @Override
    public void close() {
        looker.shutdownNow();
        publisher.shutdownNow();
    }
}
