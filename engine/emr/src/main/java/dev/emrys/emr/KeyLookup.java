package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * Finds out which requests that may have been sent have arrived: it reads EMR's listing for their keys. For those that
 * may have been sent just now it does so twice, with the listing's lag between, as EMR's listings are not up to date at
 * once. One listing serves all requests that wait for one; it is read page by page, and a failure costs no more than
 * the page. Thread-safe.
 *
 * @param <T> a request
 */
final class KeyLookup<T> {
    private static final int LOOKUPS = 2;

    private final RetryingCaller calls;
    private final EmrOperation operation;
    private final String what;
    private final Requests<T> requests;
    private final Pages<T> pages;

    /** By key, those that no listing under way is for. */
    private final Map<String, Open<T>> waiting = new LinkedHashMap<>();

    private boolean reading;
    private boolean scheduled;

    private static final class Open<T> {
        final T request;
        int lookupsLeft;

        Open(T request, int lookups) {
            this.request = request;
            this.lookupsLeft = lookups;
        }
    }

    /** One of EMR's things whose name carries a key. */
    record Found(
            String key, String id, String name, @Nullable Instant created) {}

    /** @param next where the next page begins; null when nothing more need be read */
    record Page(ImmutableList<Found> found, @Nullable String next) {}

    /** Reads one page of the listing, newest first or in no order. */
    interface Pages<T> {
        Page read(EmrClient client, List<T> wanted, @Nullable String marker);
    }

    /** What the requests are, and what follows from a lookup. */
    interface Requests<T> {
        String key(T request);

        EmrRun run(T request);

        /** @param found at least one, in the listing's order */
        void found(T request, List<Found> found);

        /** The request has not arrived: it can be sent. */
        void absent(List<T> requests);

        /** @return true when nothing can be found any more, and every request was answered */
        default boolean refused(CallFailure.Refused refused, List<T> requests) {
            return false;
        }
    }

    /** @param what for warnings, such as "Looking up steps of j-1" */
    KeyLookup(RetryingCaller calls, EmrOperation operation, String what, Requests<T> requests, Pages<T> pages) {
        this.calls = calls;
        this.operation = operation;
        this.what = what;
        this.requests = requests;
        this.pages = pages;
    }

    /** Looks up what may have been sent just now. */
    void add(List<T> more) {
        add(more, LOOKUPS);
    }

    /** Looks up what can only have been sent long before. */
    void addOld(List<T> more) {
        add(more, 1);
    }

    private void add(List<T> more, int lookups) {
        synchronized (this) {
            more.forEach(request -> waiting.put(requests.key(request), new Open<>(request, lookups)));
            if (reading || scheduled || more.isEmpty()) {
                return;
            }
            reading = true;
        }
        read();
    }

    private void read() {
        ImmutableList<Open<T>> taken;
        synchronized (this) {
            waiting.values().removeIf(open -> requests.run(open.request).closed());
            taken = ImmutableList.copyOf(waiting.values());
            waiting.clear();
            reading = !taken.isEmpty();
        }
        if (!taken.isEmpty()) {
            calls.begin(new Reading(taken));
        }
    }

    /** One listing, from its first page to its last. */
    private final class Reading extends ApiCall<Page> {
        private final ImmutableList<Open<T>> taken;
        private final ImmutableList<T> wanted;
        private final Map<String, List<Found>> found = new LinkedHashMap<>();
        private @Nullable String marker;

        Reading(ImmutableList<Open<T>> taken) {
            super(KeyLookup.this.operation, ApiBudget.Priority.MUTATION);
            this.taken = taken;
            this.wanted = taken.stream().map(open -> open.request).collect(ImmutableList.toImmutableList());
        }

        @Override
        String what() {
            return what;
        }

        @Override
        ImmutableList<EmrRun> concealedBy() {
            return wanted.stream().map(requests::run).distinct().collect(ImmutableList.toImmutableList());
        }

        @Override
        Page send(EmrClient client) {
            return pages.read(client, wanted, marker);
        }

        @Override
        void answered(Page page) {
            page.found()
                    .forEach(one -> found.computeIfAbsent(one.key(), key -> new ArrayList<>())
                            .add(one));
            marker = page.next();
            if (marker != null) {
                calls.begin(this);
            } else {
                conclude(taken, found);
            }
        }

        /** A rejected lookup says nothing about the requests: the lookup is repeated. */
        @Override
        void refused(CallFailure.Refused refused) {
            if (requests.refused(refused, wanted)) {
                conclude(ImmutableList.of(), ImmutableMap.of());
                return;
            }
            calls.warnIfLasting(this, refused);
            calls.repeatLater(this);
        }
    }

    private void conclude(ImmutableList<Open<T>> taken, Map<String, List<Found>> found) {
        List<T> absent = new ArrayList<>();
        boolean again;
        synchronized (this) {
            for (Open<T> open : taken) {
                if (!found.containsKey(requests.key(open.request))) {
                    if (--open.lookupsLeft > 0) {
                        waiting.put(requests.key(open.request), open);
                    } else {
                        absent.add(open.request);
                    }
                }
            }
            reading = false;
            again = !waiting.isEmpty();
            scheduled = again;
        }
        for (Open<T> open : taken) {
            List<Found> these = found.get(requests.key(open.request));
            if (these != null) {
                requests.found(open.request, these);
            }
        }
        if (!absent.isEmpty()) {
            requests.absent(absent);
        }
        if (again) {
            calls.later(ImmutableList.of(), calls.endpoint().listingLag(), () -> {
                synchronized (this) {
                    scheduled = false;
                    reading = true;
                }
                read();
            });
        }
    }
}
