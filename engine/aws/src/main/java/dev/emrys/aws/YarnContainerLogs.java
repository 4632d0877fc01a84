package dev.emrys.aws;

import com.google.common.collect.ImmutableList;
import dev.emrys.aws.AwsStorage.StoredLog;
import dev.emrys.drive.AttemptLogs;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The logs of the YARN containers of a cluster, as EMR has copied them to S3: {@code
 * LOCATION/CLUSTER/containers/APPLICATION/CONTAINER/stderr.gz} and others. Not thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html">View log
 *     files</a>
 */
final class YarnContainerLogs {
    private static final Pattern APPLICATION = Pattern.compile("\\bapplication_\\d{10,}_\\d{4,}\\b");

    /** With the attempt of its application, and its number in that, from 1. */
    private static final Pattern CONTAINER = Pattern.compile("/container_(?:e\\d+_)?\\d+_\\d+_(\\d+)_(\\d+)/");

    /** A client names its application when it submits it, near the beginning of its log. */
    private static final int SEARCHED_BYTES = 16 << 20;

    private static final int PART_BYTES = 1 << 20;

    /** An application with more containers shows the first ones. */
    private static final int MOST_OBJECTS = 10_000;

    private final AwsStorage storage;
    private final Map<String, S3Log> logs = new LinkedHashMap<>();

    YarnContainerLogs(AwsStorage storage) {
        this.storage = storage;
    }

    /** The applications that a log names, in the order in which it does so first. */
    static ImmutableList<String> applications(AttemptLogs.Log log) {
        Set<String> found = new LinkedHashSet<>();
        String rest = "";
        for (long at = 0; at < SEARCHED_BYTES; ) {
            byte[] bytes = log.read(at, PART_BYTES);
            if (bytes.length == 0) {
                break;
            }
            at += bytes.length;
            // A part may end within a name; what is read as it lies has one byte per character.
            String text = rest + new String(bytes, StandardCharsets.ISO_8859_1);
            int whole = bytes.length < PART_BYTES ? text.length() : text.lastIndexOf('\n') + 1;
            Matcher matcher = APPLICATION.matcher(text.substring(0, whole));
            while (matcher.find()) {
                found.add(matcher.group());
            }
            rest = text.length() - whole > PART_BYTES ? "" : text.substring(whole);
        }
        return ImmutableList.copyOf(found);
    }

    private ImmutableList<AttemptLogs.Log> of(S3Place clusterFolder, String application) {
        return storage.list(clusterFolder.below("containers/" + application + "/"), MOST_OBJECTS).stream()
                .filter(stored -> stored.size() > 0)
                .sorted(Comparator.comparing(StoredLog::key))
                .map(stored -> open(clusterFolder.bucket(), stored))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The output of the primary container of the newest attempt of an application: that of the driver, where that runs
     * on the cluster.
     */
    ImmutableList<AttemptLogs.Log> ofPrimary(S3Place clusterFolder, String application) {
        ImmutableList<AttemptLogs.Log> all = of(clusterFolder, application).stream()
                .filter(log -> number(log, 2) == 1)
                .collect(ImmutableList.toImmutableList());
        int newest = all.stream().mapToInt(log -> number(log, 1)).max().orElse(0);
        return all.stream()
                .filter(log -> number(log, 1) == newest)
                .filter(log -> log.location().matches(".*/std(?:err|out)(?:\\.gz)?"))
                .collect(ImmutableList.toImmutableList());
    }

    private static int number(AttemptLogs.Log log, int group) {
        Matcher container = CONTAINER.matcher(log.location());
        return container.find() ? Integer.parseInt(container.group(group)) : 0;
    }

    private S3Log open(String bucket, StoredLog stored) {
        S3Log log =
                logs.computeIfAbsent(stored.key(), key -> new S3Log(storage, new S3Place(bucket, key), stored.tag()));
        log.isNow(stored.tag());
        return log;
    }
}
