package dev.emrys.local;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JVM that has {@code s3://} and {@code hdfs://} of a cluster.
 *
 * @param cluster the folder of the cluster
 * @param temporary for temporary files, its own
 */
record HadoopJvm(Account account, Path cluster, StepJvm jvm, Path temporary) {
    /**
     * The command up to the main class.
     *
     * @param moduleFlags what the distribution needs of the JVM
     * @param flags of the JVM, which win over those before
     * @param properties Java properties of the author, which win over all others
     * @param classPath with the cluster's configurations
     * @param firstOnClassPath before everything else; may be empty
     */
    List<String> command(
            ImmutableList<String> moduleFlags,
            int heapMegabytes,
            List<String> flags,
            ImmutableMap<String, String> properties,
            ImmutableList<Path> classPath,
            String firstOnClassPath) {
        List<String> command = new ArrayList<>();
        command.add(jvm.java().toString());
        command.addAll(moduleFlags);
        if (jvm.needsSubjectPatch()) {
            // Without them the JVM prints warnings into the output of the step.
            command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        } else {
            // JDK 23 needs it for Hadoop's Subject.getSubject (JDK-8296244).
            command.add("-Djava.security.manager=allow");
        }
        command.add("-Xmx" + heapMegabytes + "m");
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(flags);
        command.add("-Demrys.s3.root=" + account.s3());
        command.add("-Demrys.hdfs.root=" + cluster.resolve("hdfs"));
        // Hadoop's local job runner looks for the files of a job in HDFS; see LocalHdfsFileSystem.
        command.add("-Demrys.hdfs.staging=" + temporary.resolve("hadoop"));
        command.add("-Duser.home=" + cluster.resolve("home"));
        command.add("-Dderby.system.home=" + cluster);
        // The metastore's files are for this user only, whatever the umask.
        command.add("-Dderby.storage.useDefaultFilePermissions=false");
        for (Map.Entry<String, String> property : properties.entrySet()) {
            command.add("-D" + property.getKey() + "=" + property.getValue());
        }
        command.add("-cp");
        String jars = Joiner.on(File.pathSeparatorChar).join(classPath);
        command.add(firstOnClassPath.isEmpty() ? jars : firstOnClassPath + File.pathSeparatorChar + jars);
        return command;
    }
}
