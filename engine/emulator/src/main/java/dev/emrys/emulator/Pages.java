package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Longs;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Listings in pages of 50. A marker names the last element that was returned, so that new elements do not move a page.
 */
final class Pages {

    static final int SIZE = 50;

    private Pages() {}

    /**
     * One page.
     *
     * @param marker the start of the next page; absent on the last one, never empty: the SDK's paginators stop at an
     *     absent marker
     */
    record Page<T>(ImmutableList<T> items, @Nullable String marker) {}

    /**
     * The position below which the page of {@code marker} starts; the maximum without a marker.
     *
     * @param listing the operation, and the cluster if it is one of a cluster: a marker of another listing is refused
     */
    static long startingBelow(String listing, @Nullable String marker) {
        if (marker == null) {
            return Long.MAX_VALUE;
        }
        String start = listing + ":";
        try {
            String text = new String(BaseEncoding.base64Url().decode(marker), StandardCharsets.UTF_8);
            Long position = text.startsWith(start) ? Longs.tryParse(text.substring(start.length())) : null;
            if (position != null) {
                return position;
            }
        } catch (IllegalArgumentException e) {
            throw badMarker(marker);
        }
        throw badMarker(marker);
    }

    /**
     * A page of a list that has no positions of its own. Markers count down: position n is the element that has n
     * elements after it.
     */
    static <T> Page<T> of(String listing, List<T> all, @Nullable String marker, int size) {
        long start = Math.min(all.size(), startingBelow(listing, marker));
        Page<Long> positions = of(
                listing, LongStream.iterate(start - 1, n -> n >= 0, n -> n - 1).boxed(), n -> n, size);
        return new Page<>(
                positions.items().stream()
                        .map(n -> all.get(all.size() - 1 - n.intValue()))
                        .collect(toImmutableList()),
                positions.marker());
    }

    /** The first page of {@code remaining}, in descending order of {@code position}. */
    static <T> Page<T> of(String listing, Stream<T> remaining, ToLongFunction<T> position) {
        return of(listing, remaining, position, SIZE);
    }

    private static <T> Page<T> of(String listing, Stream<T> remaining, ToLongFunction<T> position, int size) {
        ImmutableList.Builder<T> items = ImmutableList.builder();
        Iterator<T> iterator = remaining.iterator();
        long last = 0;
        for (int i = 0; i < size && iterator.hasNext(); i++) {
            T item = iterator.next();
            items.add(item);
            last = position.applyAsLong(item);
        }
        return new Page<>(items.build(), iterator.hasNext() ? marker(listing, last) : null);
    }

    private static String marker(String listing, long position) {
        return BaseEncoding.base64Url().encode((listing + ":" + position).getBytes(StandardCharsets.UTF_8));
    }

    private static RuntimeException badMarker(String marker) {
        return Errors.invalid("InvalidMarker", "Marker '" + marker + "' is not valid.");
    }
}
