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
 * Prints the command of a cluster's program for a shell: {@code ShellLauncher SETTINGS PROGRAM [ARGUMENT…]}. Started by the scripts of
 * {@link ShellPrograms}. Warnings and errors go to the standard error stream; the exit code is 1 when there is no command.
 */
public final class ShellLauncher {
    static final String SPARK_DEFAULT = "spark-defaults.";

    private ShellLauncher() {}

    /** The entry point of the process. */
    public static void main(String[] args) {
        OwnerLog.disable();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try {
            LaunchCommand command = command(
                    Path.of(args[0]), ImmutableList.copyOf(Arrays.asList(args).subList(1, args.length)));
            command.warnings().forEach(warning -> System.err.println("WARNING " + warning));
            out.println(command.command().stream().map(ShellPrograms::quoted).collect(Collectors.joining(" ")));
        } catch (LaunchCommand.UnsupportedStepException | LocalSetupException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println(args[1] + " could not be started: " + e);
            System.exit(1);
        }
    }

    private static LaunchCommand command(Path settingsFile, ImmutableList<String> command)
            throws IOException, LaunchCommand.UnsupportedStepException {
        Properties settings = new Properties();
        try (Reader in = Files.newBufferedReader(settingsFile, StandardCharsets.UTF_8)) {
            settings.load(in);
        }
        ImmutableMap<String, String> defaults = settings.stringPropertyNames().stream()
                .filter(name -> name.startsWith(SPARK_DEFAULT))
                .sorted()
                .collect(ImmutableMap.toImmutableMap(
                        name -> name.substring(SPARK_DEFAULT.length()), name -> settings.getProperty(name, "")));
        StepLaunch launch = new StepLaunch(
                settings.getProperty("cluster", ""),
                System.getenv().getOrDefault(StepSpawner.STEP_VARIABLE, ""),
                "",
                Distribution.RELEASE,
                ImmutableList.of(),
                "command-runner.jar",
                null,
                command,
                ImmutableMap.of(),
                ImmutableList.of(new StepLaunch.Classification("spark-defaults", defaults, ImmutableList.of())),
                null);
        Distributions distributions =
                new Distributions(Path.of(settings.getProperty("cache", "")), new MavenDistributionResolver());
        return new LaunchCommandFactory(
                        new Account(Path.of(settings.getProperty("account", ""))),
                        new ResolvedSoftware(distributions),
                        launch)
                .create(LocalStep.parse(launch.jar(), launch.mainClass(), launch.args(), launch.properties()));
    }
}
