package dev.emrys.local;

import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The programs that shell steps find on their PATH, as on a cluster: {@code spark-submit}, {@code spark-sql}, {@code
 * run-example}, {@code hive}, {@code beeline}, {@code hadoop}, {@code hdfs}, {@code mapred}, {@code yarn}, {@code pig},
 * {@code hadoop-streaming} and {@code s3-dist-cp}. They are links to one script, which asks {@link ShellLauncher} for
 * the command and replaces itself with it. So a program starts exactly what a step with the same arguments starts, and
 * a distribution is resolved only when it is used.
 */
final class ShellPrograms {
    private static final String SCRIPT = "launch";

    private ShellPrograms() {}

    /** The folder for the PATH of the steps of a cluster. */
    static Path folder(Path clusterFolder) {
        return clusterFolder.resolve("bin");
    }

    /** What the programs are started with, such as the cluster's settings of Spark. */
    static Path settings(Path clusterFolder) {
        return clusterFolder.resolve("launch.properties");
    }

    /** Installs the programs for the steps of a cluster. Steps may be using an earlier installation. */
    static void install(Account account, Path cacheFolder, StepLaunch launch) throws IOException {
        Path clusterFolder = account.cluster(launch.clusterId());
        Path bin = folder(clusterFolder);
        PrivateFiles.createFolders(bin);
        Path settings = settings(clusterFolder);
        StringWriter text = new StringWriter();
        settings(account, cacheFolder, launch).store(text, null);
        replace(settings, text.toString(), false);
        replace(bin.resolve(SCRIPT), script(settings), true);
        for (String program : ClusterPaths.programs()) {
            Path link = bin.resolve(program);
            // It exists if the owner process was restarted.
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of(SCRIPT));
            }
        }
    }

    static void replace(Path file, String text, boolean executable) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        PrivateFiles.write(temporary, text);
        if (executable && !temporary.toFile().setExecutable(true)) {
            throw new IOException(temporary + " cannot be made executable.");
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Properties settings(Account account, Path cacheFolder, StepLaunch launch) {
        Properties settings = new Properties();
        settings.setProperty("account", account.folder().toString());
        settings.setProperty("cache", cacheFolder.toString());
        settings.setProperty("cluster", launch.clusterId());
        settings.setProperty("release", launch.releaseLabel());
        for (StepLaunch.Classification one : launch.configurations()) {
            if (one.name().equals("spark-defaults")) {
                one.properties()
                        .forEach((key, value) -> settings.setProperty(ShellLauncher.SPARK_DEFAULT + key, value));
            }
        }
        return settings;
    }

    /** The launcher gets the properties that decide which Maven settings and repository are used. */
    private static String script(Path settings) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String name : List.of("user.home", "maven.repo.local")) {
            String value = System.getProperty(name);
            if (value != null) {
                properties.put(name, value);
            }
        }
        StringBuilder java = new StringBuilder(ShellWord.quoted(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString()));
        java.append(" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto");
        ImmutableMap.copyOf(properties)
                .forEach((name, value) -> java.append(' ').append(ShellWord.quoted("-D" + name + "=" + value)));
        java.append(" -cp ").append(ShellWord.quoted(System.getProperty("java.class.path", "")));
        return "#!/bin/sh\n"
                + "# Starts a program of the cluster on this machine.\n"
                + "command=$(" + java + " " + ShellLauncher.class.getName() + " "
                + ShellWord.quoted(settings.toString())
                + " \"${0##*/}\" \"$@\") || exit\n"
                + "eval \"$command\"\n";
    }
}
