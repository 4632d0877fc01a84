package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.SurplusCancellation.Surplus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * One cluster, who waits for what of it, and what is known of it. Guarded by the lock of its {@link StatusPoller}, but
 * for the failures whose report is held back.
 */
final class WatchedCluster {
    /** EMR lists so many steps on a page. */
    private static final int PAGE = 50;

    /** A cluster is asked for after so many turns, even when none of its steps is likely to have ended. */
    private static final int MOST_TURNS = 3;

    /** Of the usual duration of a step: so much later than usual a step may end. */
    private static final double MARGIN = 0.1;

    /** More than any number of steps. */
    private static final double TOLD = 1e8;

    final String id;
    final EmrRun run;

    /** By id, the first submitted first. */
    private final Map<String, WatchedStep> steps = new LinkedHashMap<>();

    /** By id, the steps that have failed, and whose report is held back. */
    private final Map<String, HeldFailure> held = new ConcurrentSkipListMap<>();

    /** Those of which EMR may have a second one. */
    final UnprovenSteps unproven = new UnprovenSteps();

    /** The ids of steps that are cancelled since another one of the same key is used. */
    final Set<String> surplus = new LinkedHashSet<>();

    /** By the id of a step that the journal shall know, the id of the surplus one that it knows. */
    final Map<String, String> replacements = new LinkedHashMap<>();

    /** Those that the journal does not know any more, and that are not being cancelled yet. */
    final List<Surplus> replaced = new ArrayList<>();

    private final AtomicBoolean toldOfHeld = new AtomicBoolean();

    EmrCommand.@Nullable ClusterWatch start;

    @Nullable
    Reports startReports;

    boolean up;

    EmrCommand.@Nullable TerminationWatch end;

    @Nullable
    Reports endReports;

    /** What EMR said last; without a state when it has said nothing yet. */
    ClusterStatus status = ClusterStatus.builder().build();

    /** When it was first seen gone. */
    @Nullable
    Instant goneSince;

    /** How often in a row EMR refused to describe it, and since when. */
    int refusals;

    Instant refusedSince = Instant.MAX;

    /** How often in a row EMR refused to list its steps. */
    int stepRefusals;

    boolean describing;

    /** Whether a change of it was told since it was asked for. */
    boolean told;

    /** Whether a change of its steps was told since they were asked for. */
    boolean stepsTold;

    /** By id, what was told of steps that were not watched then, or that run; see {@link PushedChanges}. */
    final Map<String, StepSummary> pushedSteps = new LinkedHashMap<>();

    /** Whether more was pushed about steps, or may have been, than is in {@link #pushedSteps}. */
    boolean mayHaveMissedSteps;

    /** Whether it will be reported soon which of the pushed steps run. */
    boolean runningDue;

    /** Whether its steps are being asked for. */
    boolean checking;

    Instant lastCheck = Instant.EPOCH;
    Instant lastListing = Instant.EPOCH;

    /** Whether all of the oldest open steps run, so that younger ones may have ended before them. */
    boolean wide;

    /** Whether a step has ended, and others may have too. */
    boolean changed;

    /** How long its steps take, from those that have ended; null when none has. */
    private @Nullable Duration usualDuration;

    /** By how much their durations differ from the usual one, on average. */
    private Duration usualDeviation = Duration.ZERO;

    /** Since when the oldest open step runs, as far as is known. */
    private @Nullable Instant runningSince;

    WatchedCluster(String id, EmrRun run) {
        this.id = id;
        this.run = run;
    }

    /** A step that has not ended as far as we know. */
    static final class WatchedStep {
        final EmrCommand.StepWatch command;
        final Reports reports;
        boolean running;

        /** By our clock, it did not run before. */
        Instant notRunningBefore;

        /** Whether its place in the order of submission is known. */
        boolean ordered;

        /** Whether it is older than what EMR lists, and must be asked for by its id. */
        boolean unlisted;

        /** How often in a row EMR did not know it, and since when. */
        int unknown;

        Instant unknownSince = Instant.MAX;
        Instant askedWhileUnknown = Instant.EPOCH;

        /** @param notRunningBefore a moment before which it did not run; null when this process did not submit it */
        WatchedStep(EmrCommand.StepWatch command, Reports reports, @Nullable Instant notRunningBefore) {
            this.command = command;
            this.reports = reports;
            this.notRunningBefore = notRunningBefore == null ? command.intendedAt() : notRunningBefore;
            this.ordered = notRunningBefore != null;
        }
    }

    /** Whether the run that it is watched for has started it and has not begun to end it. */
    boolean isLeased() {
        return start != null && start.isOwn() && end == null;
    }

    Map<String, WatchedStep> steps() {
        return steps;
    }

    /**
     * From now on a step is watched.
     *
     * @return the id of the step that it takes the place of; null if there is none
     */
    @Nullable
    String takesPlaceOf(String stepId) {
        String replaced = replacements.remove(stepId);
        if (replaced == null || steps.remove(replaced) == null) {
            return null;
        }
        unproven.remove(replaced);
        return replaced;
    }

    void hold(String stepId, HeldFailure failure) {
        held.put(stepId, failure);
    }

    @Nullable
    HeldFailure held(String stepId) {
        return held.get(stepId);
    }

    /** Whether it was held until now. */
    boolean release(HeldFailure failure) {
        boolean released = held.values().remove(failure);
        if (held.isEmpty()) {
            toldOfHeld.set(false);
        }
        return released;
    }

    /** True once for the failures that are held at the same time. */
    boolean tellsOfHeld() {
        return toldOfHeld.compareAndSet(false, true);
    }

    /** Whether every step has ended, and its end was reported. */
    boolean isSettled() {
        return steps.isEmpty() && held.isEmpty();
    }

    /** Those of the open steps that EMR knows, the first submitted first. */
    ImmutableList<String> oldest(int count) {
        return steps.entrySet().stream()
                .filter(entry -> entry.getValue().unknown == 0)
                .limit(count)
                .map(Map.Entry::getKey)
                .collect(ImmutableList.toImmutableList());
    }

    /** How many pages of EMR's listing the open steps take. */
    int pages() {
        return (steps.size() + PAGE - 1) / PAGE;
    }

    boolean isOrdered() {
        return steps.values().stream().allMatch(step -> step.ordered);
    }

    /** Puts the open steps into the order of submission. */
    void order(ImmutableList<String> newestFirst) {
        Map<String, WatchedStep> listed = new LinkedHashMap<>();
        newestFirst.reverse().forEach(id -> {
            WatchedStep step = steps.remove(id);
            if (step != null) {
                listed.put(id, step);
            }
        });
        // What is left is older than the listing, or younger than its first page.
        Map<String, WatchedStep> rest = new LinkedHashMap<>(steps);
        steps.clear();
        rest.forEach((id, step) -> {
            if (step.unlisted) {
                steps.put(id, step);
            }
        });
        steps.putAll(listed);
        rest.forEach(steps::putIfAbsent);
        steps.values().forEach(step -> step.ordered = true);
    }

    /** Learns from a step that has ended when the next one is likely to end. */
    void ended(StepStatus step, Instant now) {
        if (step.timeline() == null || step.timeline().endDateTime() == null) {
            return;
        }
        Instant end = earlier(step.timeline().endDateTime(), now);
        if (runningSince == null || end.isAfter(runningSince)) {
            runningSince = end;
        }
        if (step.timeline().startDateTime() != null) {
            Duration took = Duration.between(
                    step.timeline().startDateTime(), step.timeline().endDateTime());
            Duration before = usualDuration == null ? took : usualDuration;
            usualDeviation = average(usualDeviation, took.minus(before).abs());
            usualDuration = average(before, took);
        }
    }

    private static Duration average(Duration before, Duration now) {
        return before.multipliedBy(3).plus(now).dividedBy(4);
    }

    /** The oldest open step has this status. */
    void oldestIs(StepStatus step, Instant now) {
        if (step.timeline() != null && step.timeline().startDateTime() != null) {
            runningSince = earlier(step.timeline().startDateTime(), now);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /**
     * How many of its steps are likely to have ended unseen, with fractions; below 1 when none is. It is a cautious
     * figure where durations differ, since a call that finds nothing is one less for another cluster. Where nothing is
     * known of them, and now and then in any case, it grows with the time since they were asked for.
     *
     * @param turn how long it takes to ask for the steps of all clusters once
     */
    double likelyEnded(Instant now, Duration turn) {
        if (stepsTold) {
            return TOLD;
        }
        double turns = Duration.between(lastCheck, now).toMillis() / (double) Math.max(1, turn.toMillis());
        if (wide || usualDuration == null || runningSince == null) {
            return 1 + turns;
        }
        Duration certain = Duration.between(runningSince, now).minus(usualDeviation.multipliedBy(2));
        double steps = certain.toMillis() / (double) Math.max(1, usualDuration.toMillis());
        return turns > MOST_TURNS ? Math.max(steps, turns) : steps;
    }

    /**
     * Clusters with a larger one are listed first: those in which more steps have ended, and among equals those in
     * which one has just ended. In the others one more will have ended soon, and a listing shows it, too.
     *
     * @param likelyEnded as {@link #likelyEnded} says
     */
    double worthOfListing(double likelyEnded) {
        boolean isEstimate = !stepsTold && !wide && usualDuration != null && runningSince != null;
        if (!isEstimate || likelyEnded < 1) {
            return likelyEnded;
        }
        double certain = Math.max(1, likelyEnded - MARGIN);
        double whole = Math.floor(certain);
        return whole + 1 - (certain - whole);
    }
}
