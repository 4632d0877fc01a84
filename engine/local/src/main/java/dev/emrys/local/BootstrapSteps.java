package dev.emrys.local;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.BootstrapExit;
import dev.emrys.emulator.BootstrapLaunch;
import dev.emrys.emulator.BootstrapListener;
import dev.emrys.emulator.StepExit;
import dev.emrys.emulator.StepLaunch;
import dev.emrys.emulator.StepListener;
import dev.emrys.local.LaunchCommand.UnsupportedStepException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bootstrap action as a step of {@link LocalStepRunner}: in the cluster's home folder and environment, as this user.
 * The machine is the cluster's primary instance.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html">Create bootstrap
 *     actions</a>
 */
final class BootstrapSteps {
    private static final String SCRIPT_RUNNER = "s3://elasticmapreduce/libs/script-runner/script-runner.jar";

    /** EMR's own script, also under its regional names. */
    private static final Pattern RUN_IF =
            Pattern.compile("s3[an]?://(?:[a-z0-9-]+\\.)?elasticmapreduce/bootstrap-actions/run-if");

    private static final Pattern CONDITION = Pattern.compile("instance\\.isMaster\\s*(!?=)\\s*(true|false)");

    private BootstrapSteps() {}

    /** The id of the step; unlike a number it is not that of an action of another cluster. */
    static String stepId(String clusterId, int number) {
        return clusterId + "-bootstrap-" + number;
    }

    static StepLaunch step(BootstrapLaunch launch) {
        return new StepLaunch(
                launch.clusterId(),
                stepId(launch.clusterId(), launch.number()),
                "bootstrap action " + launch.number(),
                launch.releaseLabel(),
                launch.applications(),
                SCRIPT_RUNNER,
                null,
                ImmutableList.<String>builder()
                        .add(launch.path())
                        .addAll(launch.args())
                        .build(),
                ImmutableMap.of(),
                launch.configurations(),
                launch.logUri(),
                // The types of logs in CloudWatch have none of bootstrap actions.
                null);
    }

    /** Where the logs are published below {@code <logUri><cluster>/}. */
    static String logFolder(BootstrapLaunch launch) {
        return "node/" + launch.instanceId() + "/bootstrap-actions/" + launch.number();
    }

    /**
     * The command of the action.
     *
     * @param step of {@link #step}
     * @throws UnsupportedStepException when its script does not exist
     */
    static LaunchCommand command(StepLaunch step, LaunchCommandFactory factory)
            throws UnsupportedStepException, IOException {
        String path = step.args().get(0);
        ImmutableList<String> args = step.args().subList(1, step.args().size());
        return RUN_IF.matcher(path).matches() ? runIf(args, factory) : script(path, args, factory);
    }

    /** EMR runs the file itself, so that its first line may name another program than a shell. */
    private static LaunchCommand script(String path, ImmutableList<String> args, LaunchCommandFactory factory)
            throws UnsupportedStepException, IOException {
        LaunchCommand bash = factory.create(new LocalStep.Script(path, args));
        Path script = Path.of(bash.command().get(1));
        return namesProgram(script)
                ? new LaunchCommand(
                        bash.command().subList(1, bash.command().size()),
                        false,
                        bash.environment(),
                        bash.warnings(),
                        bash.notes())
                : bash;
    }

    private static boolean namesProgram(Path script) throws IOException {
        try (var in = Files.newInputStream(script)) {
            return new String(in.readNBytes(2), StandardCharsets.ISO_8859_1).equals("#!");
        }
    }

    private static LaunchCommand runIf(ImmutableList<String> args, LaunchCommandFactory factory)
            throws UnsupportedStepException, IOException {
        Matcher condition = CONDITION.matcher(args.isEmpty() ? "" : args.get(0));
        if (!condition.matches()) {
            throw new UnsupportedStepException("The condition of run-if is not emulated: "
                    + (args.isEmpty() ? "there is none" : args.get(0)) + ". Write instance.isMaster=true or =false.");
        } else if (args.size() == 1) {
            throw new UnsupportedStepException("run-if has a condition and no command.");
        }
        boolean onPrimary = condition.group(1).equals("=") == condition.group(2).equals("true");
        if (!onPrimary) {
            LaunchCommand nothing = factory.create(new LocalStep.Shell(ImmutableList.of("true")));
            return withWarning(nothing, "run-if: the command is not run, because this is the primary instance.");
        }
        ImmutableList<String> command = args.subList(1, args.size());
        return command.get(0).startsWith("s3") && command.get(0).contains("://")
                ? script(command.get(0), command.subList(1, command.size()), factory)
                : factory.create(new LocalStep.Shell(
                        ImmutableList.of("bash", "-c", Joiner.on(' ').join(command))));
    }

    private static LaunchCommand withWarning(LaunchCommand command, String warning) {
        List<String> warnings = new ArrayList<>(command.warnings());
        warnings.add(warning);
        return new LaunchCommand(
                command.command(),
                command.jvm(),
                command.environment(),
                ImmutableList.copyOf(warnings),
                command.notes());
    }

    /** Translates the end of the step. */
    static StepListener listener(BootstrapListener listener, Path stepFolder) {
        return new StepListener() {
            @Override
            public void running(Instant at) {}

            @Override
            public void ended(StepExit exit) {
                listener.ended(exit(exit, stepFolder));
            }
        };
    }

    private static BootstrapExit exit(StepExit exit, Path stepFolder) {
        if (exit instanceof StepExit.Failed failed) {
            return Files.exists(stepFolder.resolve("claim"))
                    ? new BootstrapExit.Failed(failed.at(), details(failed), failed.logFile())
                    : new BootstrapExit.NotStarted(failed.at(), failed.message());
        }
        return exit instanceof StepExit.Completed
                ? new BootstrapExit.Succeeded(exit.at())
                : new BootstrapExit.Cancelled(exit.at());
    }

    private static String details(StepExit.Failed failed) {
        @Nullable String message = failed.message();
        return message == null ? failed.reason() : failed.reason() + "\n" + message;
    }
}
