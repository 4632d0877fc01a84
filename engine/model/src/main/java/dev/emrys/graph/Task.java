package dev.emrys.graph;

import com.google.common.hash.Hashing;
import dev.emrys.spec.RetryPolicy;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.TaskKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A node of the task graph. Its edges are the graph's: {@link TaskGraph#upstream} and {@link TaskGraph#downstream}.
 *
 * @param id stable over runs and unique in a graph: the name that the author gave, {@code start:<cluster>}, {@code
 *     use:<cluster>} or {@code end:<cluster>}. Names hold no colon, so the four cannot be equal
 * @param kind what it does
 * @param retry how often and on which failures to try again
 * @param timeout the longest time that one attempt may run; null for no limit
 * @param scope the name of the scope that it acquires, runs in or releases; null when it needs none
 * @param location where the author wrote it, or the cluster that it belongs to
 */
public record Task(
        String id,
        TaskKind kind,
        RetryPolicy retry,
        @Nullable Duration timeout,
        @Nullable String scope,
        SourceLocation location) {
    private static final int SHORT_ID_LENGTH = 16;

    /**
     * Sixteen characters that replace the id where length is limited, such as in the name of a step; unique in a graph.
     */
    public String shortId() {
        return Hashing.sha256()
                .hashString(id, StandardCharsets.UTF_8)
                .toString()
                .substring(0, SHORT_ID_LENGTH);
    }
}
