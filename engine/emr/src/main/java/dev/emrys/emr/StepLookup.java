package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emr.KeyLookup.Found;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.StepSummary;

/** Finds the steps of one cluster that EMR has already. One that it has more than once is used once. Thread-safe. */
final class StepLookup {
    /**
     * How far EMR's clock may differ from ours: a lookup reads no further pages once a page reaches steps that are
     * older than the intent by more than that. The first page of 50 is searched whatever its dates are.
     */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(15);

    private final RetryingCaller calls;
    private final EmrRun run;
    private final String clusterId;
    private final Answers answers;
    private final KeyLookup<PendingStep> lookup;
    private final KeyLookup<PendingStep> wholeLookup;

    /** By key, the steps that the cluster had when it was listed whole; null before. */
    private volatile @Nullable ImmutableMap<String, ImmutableList<Found>> old;

    /** What follows from a lookup. */
    interface Answers {
        void found(PendingStep step, String id);

        /** EMR does not have them. */
        void absent(List<PendingStep> steps);

        /** The cluster is not there any more. */
        void refused(PendingStep step, String reason);
    }

    StepLookup(RetryingCaller calls, EmrRun run, String clusterId, Answers answers) {
        this.calls = calls;
        this.run = run;
        this.clusterId = clusterId;
        this.answers = answers;
        String what = "Looking up steps of " + clusterId;
        this.lookup = new KeyLookup<>(calls, EmrOperation.LIST_STEPS, what, new Requests(), this::page);
        this.wholeLookup = new KeyLookup<>(calls, EmrOperation.LIST_STEPS, what, new Requests(), new Whole());
    }

    /** Looks up steps that may have been submitted just now. */
    void add(List<PendingStep> steps) {
        lookup.add(steps);
    }

    /** Looks up steps that were submitted long ago, if at all: the cluster is listed once for all of them. */
    void addOld(List<PendingStep> steps) {
        ImmutableMap<String, ImmutableList<Found>> listed = old;
        if (listed == null) {
            wholeLookup.addOld(steps);
            return;
        }
        List<PendingStep> absent = new ArrayList<>();
        for (PendingStep step : steps) {
            ImmutableList<Found> found = listed.get(step.key());
            if (found == null) {
                absent.add(step);
            } else {
                use(step, found);
            }
        }
        if (!absent.isEmpty()) {
            answers.absent(absent);
        }
    }

    /** EMR's listing is newest first, so the last one is the oldest. */
    private void use(PendingStep step, List<Found> found) {
        Found used = found.get(found.size() - 1);
        found.subList(0, found.size() - 1)
                .forEach(younger -> SurplusCancellation.begin(
                        calls,
                        run,
                        clusterId,
                        ImmutableList.of(new SurplusCancellation.Surplus(younger.id(), used.id(), used.name()))));
        answers.found(step, used.id());
    }

    private final class Requests implements KeyLookup.Requests<PendingStep> {
        @Override
        public String key(PendingStep step) {
            return step.key();
        }

        @Override
        public EmrRun run(PendingStep step) {
            return run;
        }

        @Override
        public void found(PendingStep step, List<Found> found) {
            use(step, found);
        }

        @Override
        public void absent(List<PendingStep> steps) {
            answers.absent(steps);
        }

        @Override
        public boolean refused(CallFailure.Refused refused, List<PendingStep> steps) {
            if (refused.missing() != CallFailure.Missing.CLUSTER) {
                return false;
            }
            steps.forEach(step -> answers.refused(step, refused.text()));
            return true;
        }
    }

    private KeyLookup.Page page(EmrClient client, List<PendingStep> wanted, @Nullable String marker) {
        Instant since = wanted.stream()
                .map(step -> step.command().intendedAt())
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .minus(CLOCK_SKEW);
        KeyLookup.Page page = wholePage(client, marker);
        Instant oldest = page.found().isEmpty()
                ? null
                : page.found().get(page.found().size() - 1).created();
        boolean enough = oldest != null && oldest.isBefore(since);
        return enough ? new KeyLookup.Page(page.found(), null) : page;
    }

    private KeyLookup.Page wholePage(EmrClient client, @Nullable String marker) {
        ListStepsResponse response =
                client.listSteps(request -> request.clusterId(clusterId).marker(marker));
        ImmutableList<Found> found = response.steps().stream()
                .map(step -> new Found(RunTags.key(String.valueOf(step.name())), step.id(), step.name(), created(step)))
                .collect(ImmutableList.toImmutableList());
        return new KeyLookup.Page(found, response.marker());
    }

    /** Reads every page, and remembers what was read. Called by one thread at a time. */
    private final class Whole implements KeyLookup.Pages<PendingStep> {
        private Map<String, Map<String, Found>> read = new LinkedHashMap<>();

        @Override
        public KeyLookup.Page read(EmrClient client, List<PendingStep> wanted, @Nullable String marker) {
            KeyLookup.Page page = wholePage(client, marker);
            if (marker == null) {
                read = new LinkedHashMap<>();
            }
            for (Found found : page.found()) {
                read.computeIfAbsent(found.key(), key -> new LinkedHashMap<>()).put(found.id(), found);
            }
            if (page.next() == null) {
                ImmutableMap.Builder<String, ImmutableList<Found>> all = ImmutableMap.builder();
                read.forEach((key, byId) -> all.put(key, ImmutableList.copyOf(byId.values())));
                old = all.buildOrThrow();
            }
            return page;
        }
    }

    private static @Nullable Instant created(StepSummary step) {
        return step.status() == null || step.status().timeline() == null
                ? null
                : step.status().timeline().creationDateTime();
    }
}
