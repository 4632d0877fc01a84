package dev.emrys.emulator;

import com.google.common.html.HtmlEscapers;
import com.google.common.io.BaseEncoding;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Cluster;

/**
 * The pages behind the presigned URLs of application user interfaces. The emulator has none of these applications: a
 * page says so, and where the logs of the cluster's steps are. A URL is valid for one hour and until the emulator ends.
 * Thread-safe.
 */
final class AppPages {

    /** EMR's reference does not say how long a URL is valid. */
    private static final Duration VALID = Duration.ofHours(1);

    private static final int MAX_URLS = 1000;
    private static final int TOKEN_BYTES = 24;

    private record Page(String clusterId, Instant expires) {}

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private @Nullable URI address;

    /** From now on URLs start with {@code address}, which ends with a slash. */
    synchronized void serveAt(URI address) {
        this.address = address;
    }

    /**
     * A new URL of a page about a cluster; null if no server has the pages. The oldest of 1,000 URLs becomes invalid.
     */
    synchronized @Nullable String url(String clusterId, Instant now) {
        if (address == null) {
            return null;
        }
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = BaseEncoding.base16().lowerCase().encode(bytes);
        pages.put(token, new Page(clusterId, now.plus(VALID)));
        Iterator<String> oldest = pages.keySet().iterator();
        while (pages.size() > MAX_URLS && oldest.hasNext()) {
            oldest.next();
            oldest.remove();
        }
        return address.resolve(token).toString();
    }

    /** The cluster of a URL that ends with {@code token}; null if the URL is not valid. */
    synchronized @Nullable String clusterOf(String token, Instant now) {
        Page page = pages.get(token);
        return page == null || !now.isBefore(page.expires()) ? null : page.clusterId();
    }

    static String html(ClusterEntry entry) {
        Cluster cluster = entry.cluster().cluster();
        StringBuilder html = new StringBuilder(
                        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escaped(cluster.name()))
                .append("</title></head><body>\n<h1>")
                .append(escaped(cluster.name()))
                .append(" (")
                .append(cluster.id())
                .append(
                        ")</h1>\n<p>This is Emrys's emulator of Amazon EMR. It has no history server and no other pages of"
                                + " applications. The logs of a step are in the folder beside it; there is none if neither the cluster"
                                + " nor the step has a LogUri.</p>\n");
        html.append("<table><tr><th>step</th><th>name</th><th>state</th><th>logs</th></tr>\n");
        entry.newestBelow(Long.MAX_VALUE).forEach(step -> {
            html.append("<tr><td>").append(step.id()).append("</td><td>");
            html.append(escaped(step.step().name())).append("</td><td>").append(step.state());
            html.append("</td><td>")
                    .append(escaped(StepLaunchFactory.logFolder(entry, step)))
                    .append("</td></tr>\n");
        });
        return html.append("</table></body></html>\n").toString();
    }

    private static String escaped(@Nullable String text) {
        return text == null ? "" : HtmlEscapers.htmlEscaper().escape(text);
    }
}
