package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.xml.XmlEscapers;
import dev.emrys.emulator.StepOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a cluster's {@code *-site} configurations as Hadoop reads them: files in a folder on the class path. */
final class ConfFolder {
    /** Our jar's own core-site.xml would be hidden by one in the folder: what it says is said again. */
    private static final ImmutableMap<String, String> S3 = ImmutableMap.<String, String>builder()
            .put("fs.s3.impl", "dev.emrys.s3fs.LocalS3FileSystem")
            .put("fs.s3a.impl", "dev.emrys.s3fs.LocalS3FileSystem")
            .put("fs.s3n.impl", "dev.emrys.s3fs.LocalS3FileSystem")
            .buildOrThrow();

    private ConfFolder() {}

    static void write(Path folder, ImmutableList<StepOrder.Classification> configurations) throws IOException {
        for (StepOrder.Classification one : configurations) {
            if (one.name().endsWith("-site")) {
                Map<String, String> all = new LinkedHashMap<>();
                if (one.name().equals("core-site")) {
                    all.putAll(S3);
                }
                all.putAll(one.properties());
                Files.createDirectories(folder);
                Path temporary = Files.createTempFile(folder, one.name(), ".tmp");
                Files.writeString(temporary, xml(all), StandardCharsets.UTF_8);
                Files.move(
                        temporary,
                        folder.resolve(one.name() + ".xml"),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
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
