package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Prints the commands for a shell that replace it with a cluster's program: {@code ShellLauncher SETTINGS PROGRAM
 * [ARGUMENT…]}. Started by the scripts of {@link ShellPrograms}. Warnings and errors go to the standard error stream;
 * the exit code is 1 when there is no command.
 */
public final class ShellLauncher {
    static final String SPARK_DEFAULT = "spark-defaults.";

    private ShellLauncher() {}

    /** The entry point of the process. */
    public static void main(String[] args) {
        OwnerLog.disable();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try {
            Properties settings = settings(Path.of(args[0]));
            LaunchCommand command =
                    command(settings, ImmutableList.copyOf(Arrays.asList(args).subList(1, args.length)));
            command.warnings().forEach(warning -> System.err.println("WARNING " + warning));
            command.notes().forEach(System.err::println);
            out.println(exports(command) + text(HiddenArguments.of(command), stepFolder(settings)));
        } catch (LaunchCommand.UnsupportedStepException | LocalSetupException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println(args[1] + " could not be started: " + e);
            System.exit(1);
        }
    }

    private static Properties settings(Path file) throws IOException {
        Properties settings = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            settings.load(in);
        }
        return settings;
    }

    private static Path stepFolder(Properties settings) {
        return account(settings).step(settings.getProperty("cluster", ""), stepId());
    }

    private static Account account(Properties settings) {
        return new Account(Path.of(settings.getProperty("account", "")));
    }

    /** That of a cluster whose settings were written by a version without releases is not known. */
    private static String release(Properties settings) {
        return settings.getProperty("release", Distribution.RELEASE);
    }

    private static String stepId() {
        return System.getenv().getOrDefault(StepSpawner.STEP_VARIABLE, "");
    }

    private static String exports(LaunchCommand command) {
        return command.environment().entrySet().stream()
                .map(variable -> "export " + variable.getKey() + "=" + ShellWord.quoted(variable.getValue()) + "; ")
                .collect(Collectors.joining());
    }

    private static String text(HiddenArguments hidden, Path stepFolder) throws IOException {
        String words = hidden.command().stream().map(ShellWord::quoted).collect(Collectors.joining(" "));
        if (hidden.input().isEmpty()) {
            return "exec " + words;
        }
        String input = ShellWord.quoted(
                LaunchFiles.writeInput(stepFolder, hidden.input()).toString());
        return "exec 3< " + input + " || exit 71; rm -f " + input + "; exec " + words;
    }

    private static LaunchCommand command(Properties settings, ImmutableList<String> command)
            throws IOException, LaunchCommand.UnsupportedStepException {
        ImmutableMap<String, String> defaults = settings.stringPropertyNames().stream()
                .filter(name -> name.startsWith(SPARK_DEFAULT))
                .sorted()
                .collect(ImmutableMap.toImmutableMap(
                        name -> name.substring(SPARK_DEFAULT.length()), name -> settings.getProperty(name, "")));
        StepLaunch launch = new StepLaunch(
                settings.getProperty("cluster", ""),
                stepId(),
                "",
                release(settings),
                ImmutableList.of(),
                "command-runner.jar",
                null,
                command,
                ImmutableMap.of(),
                ImmutableList.of(new StepLaunch.Classification("spark-defaults", defaults, ImmutableList.of())),
                null,
                null);
        Distributions distributions =
                new Distributions(Path.of(settings.getProperty("cache", "")), new MavenDistributionResolver());
        return new LaunchCommandFactory(
                        account(settings), new ResolvedSoftware(distributions, launch.releaseLabel()), launch)
                .create(LocalStep.parse(launch.jar(), launch.mainClass(), launch.args(), launch.properties()));
    }
}
