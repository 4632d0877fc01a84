package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.xml.XmlEscapers;
import dev.emrys.emulator.StepLaunch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes a cluster's {@code *-site} configurations as files that Hadoop and Hive read from the class path. */
final class ConfigurationFolder {
    /**
     * The settings of the core-site.xml and mapred-site.xml in the jar of the module s3fs, which a file of the same
     * name in this folder hides. They override the author's settings, because this machine does not have a cluster's
     * classes for s3.
     */
    private static final ImmutableMap<String, ImmutableMap<String, String>> REQUIRED = ImmutableMap.of(
            "core-site",
            ImmutableMap.<String, String>builder()
                    .put("fs.s3.impl", "dev.emrys.s3fs.LocalS3FileSystem")
                    .put("fs.s3a.impl", "dev.emrys.s3fs.LocalS3FileSystem")
                    .put("fs.s3n.impl", "dev.emrys.s3fs.LocalS3FileSystem")
                    .put("fs.AbstractFileSystem.s3.impl", "dev.emrys.s3fs.LocalS3AbstractFileSystem")
                    .put("fs.AbstractFileSystem.s3a.impl", "dev.emrys.s3fs.LocalS3AbstractFileSystem")
                    .put("fs.AbstractFileSystem.s3n.impl", "dev.emrys.s3fs.LocalS3AbstractFileSystem")
                    // As on a cluster, a path without a scheme is in HDFS.
                    .put("fs.defaultFS", "hdfs://cluster")
                    .put("fs.hdfs.impl", "dev.emrys.s3fs.LocalHdfsFileSystem")
                    .put("fs.AbstractFileSystem.hdfs.impl", "dev.emrys.s3fs.LocalHdfsAbstractFileSystem")
                    .buildOrThrow(),
            "mapred-site",
            ImmutableMap.of(
                    "mapreduce.outputcommitter.factory.scheme.s3a",
                    "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory",
                    "mapreduce.client.completion.pollinterval",
                    "100"));

    /**
     * Below java.io.tmpdir, which a step has for itself, and not where another user may have been first. The author's
     * settings win.
     */
    private static final ImmutableMap<String, ImmutableMap<String, String>> DEFAULTS = ImmutableMap.of(
            "core-site",
            ImmutableMap.of("hadoop.tmp.dir", "${java.io.tmpdir}/hadoop"),
            "mapred-site",
            ImmutableMap.of("mapreduce.jobtracker.staging.root.dir", "${java.io.tmpdir}/hadoop/mapred/staging"));

    private ConfigurationFolder() {}

    /** @param cluster the folder of the cluster */
    static void write(Path cluster, Path folder, ImmutableList<StepLaunch.Classification> configurations)
            throws IOException {
        Map<String, Map<String, String>> sites = new LinkedHashMap<>();
        DEFAULTS.forEach((site, settings) -> sites.put(site, new LinkedHashMap<>(settings)));
        ClusterMetastore metastore = new ClusterMetastore(cluster);
        metastore.prepare();
        if (configurations.stream().noneMatch(one -> one.properties().containsKey(ClusterMetastore.URIS))) {
            sites.put("hive-site", new LinkedHashMap<>(metastore.settings()));
        }
        Optional<Path> mapOutputs = MapOutputs.outside(cluster);
        if (mapOutputs.isPresent()) {
            PrivateFiles.createFolder("folder", mapOutputs.get());
            sites.computeIfAbsent("mapred-site", site -> new LinkedHashMap<>())
                    .put("mapreduce.cluster.local.dir", mapOutputs.get().toString());
        }
        for (StepLaunch.Classification one : configurations) {
            if (one.name().endsWith("-site")) {
                sites.computeIfAbsent(one.name(), name -> new LinkedHashMap<>()).putAll(one.properties());
            }
        }
        PrivateFiles.createFolders(folder);
        for (Map.Entry<String, Map<String, String>> site : sites.entrySet()) {
            site.getValue().putAll(REQUIRED.getOrDefault(site.getKey(), ImmutableMap.of()));
            Path temporary = Files.createTempFile(folder, site.getKey(), ".tmp");
            Files.writeString(temporary, xml(site.getValue()), StandardCharsets.UTF_8);
            Files.move(
                    temporary,
                    folder.resolve(site.getKey() + ".xml"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String xml(Map<String, String> properties) {
        StringBuilder text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n");
        properties.forEach((key, value) -> text.append("  <property><name>")
                .append(XmlEscapers.xmlContentEscaper().escape(key))
                .append("</name><value>")
                .append(XmlEscapers.xmlContentEscaper().escape(value))
                .append("</value></property>\n"));
        return text.append("</configuration>\n").toString();
    }
}
