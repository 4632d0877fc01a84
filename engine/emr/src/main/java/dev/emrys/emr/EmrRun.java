package dev.emrys.emr;

import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What an account knows of one run. Thread-safe. */
final class EmrRun {
    private final RunTags tags;
    private final Instant begun;
    private final SecretValues secrets;
    private final Predicate<Duration> drivenFor;
    private final RequestFactory requests;

    /** The keys of what must not be sent any more. */
    private final Set<String> withdrawn = new ConcurrentSkipListSet<>();

    private final Set<String> knownClusters = new ConcurrentSkipListSet<>();

    /** By the ids of clusters that were there already, the task that has found each. */
    private final Map<String, String> used = new ConcurrentSkipListMap<>();

    /** The clusters of which it is known, or will be looked for, whether EMR has a second one. */
    private final Set<String> checkedClusters = new ConcurrentSkipListSet<>();

    private final Set<String> protectedByAuthor = new ConcurrentSkipListSet<>();

    /** For each accepted step: it did not run before, by our clock. */
    private final Map<String, Instant> notRunningBefore = new ConcurrentSkipListMap<>();

    /** By the ids of clusters. */
    private final Map<String, LifeLease> leases = new ConcurrentSkipListMap<>();

    /** Why steps were PENDING, as the run has told. */
    private final Set<String> reasons = new ConcurrentSkipListSet<>();

    private final CallsInFlight calls = new CallsInFlight();
    private volatile Consumer<Throwable> onBug = bug -> {};
    private volatile boolean takenOver;

    /**
     * @param begun when it was recorded: nothing that EMR has of it is older
     * @param drivenFor whether this process is certain to drive the run for a time from now on
     */
    EmrRun(RunTags tags, Instant begun, SecretValues secrets, Predicate<Duration> drivenFor) {
        this.tags = tags;
        this.begun = begun;
        this.secrets = secrets;
        this.drivenFor = drivenFor;
        this.requests = new RequestFactory(tags, secrets);
    }

    Instant begun() {
        return begun;
    }

    boolean isDrivenFor(Duration duration) {
        return drivenFor.test(duration);
    }

    /** EMR may have requests of the run that its journal does not know. */
    void takenOver() {
        takenOver = true;
    }

    boolean wasTakenOver() {
        return takenOver;
    }

    /** Whether a request of this run has created what has this name. */
    boolean made(String name) {
        return RunTags.key(name).startsWith(tags.run() + ".");
    }

    /** Its journal knows this cluster. */
    void knows(String clusterId) {
        knownClusters.add(clusterId);
    }

    boolean isKnown(String clusterId) {
        return knownClusters.contains(clusterId);
    }

    /** Whether it was not looked for a second one of this cluster; it counts as looked for from now on. */
    boolean isNewCluster(String clusterId) {
        return checkedClusters.add(clusterId);
    }

    /**
     * Notes which task has found a cluster that was there already.
     *
     * @return the task that has, which is another one when it was the first
     */
    String use(String clusterId, String task) {
        String first = used.putIfAbsent(clusterId, task);
        return first == null ? task : first;
    }

    /** Whether both are of one run, which a process may resume that has driven it before. */
    boolean isSameRun(EmrRun other) {
        return tags.run().equals(other.tags.run());
    }

    /** The author wants EMR to protect this cluster until the run ends it. */
    void protectedByAuthor(String clusterId) {
        protectedByAuthor.add(clusterId);
    }

    boolean isProtectedByAuthor(String clusterId) {
        return protectedByAuthor.contains(clusterId);
    }

    /** The life lease of a cluster. */
    LifeLease lease(String clusterId) {
        return leases.computeIfAbsent(clusterId, id -> new LifeLease());
    }

    RequestFactory requests() {
        return requests;
    }

    void withdraw(String key) {
        withdrawn.add(key);
    }

    boolean isWithdrawn(String key) {
        return withdrawn.contains(key);
    }

    void accepted(String stepId, Instant notRunningBefore) {
        this.notRunningBefore.put(stepId, notRunningBefore);
    }

    /** A moment, by our clock, before which the step did not run; null when this process did not submit it. */
    @Nullable
    Instant notRunningBefore(String stepId) {
        return notRunningBefore.remove(stepId);
    }

    /** Whether the run has not told of this yet; it counts as told from now on. */
    boolean isNew(String reason) {
        return reasons.add(reason);
    }

    String conceal(String text) {
        return secrets.conceal(text);
    }

    /** Reports nothing after the close, and no secret. */
    Reports reportsTo(Reports sink) {
        onBug = sink::fail;
        return new Reports() {
            @Override
            public void report(Event event) {
                if (!calls.isClosed()) {
                    sink.report(secrets.conceal(event));
                }
            }

            @Override
            public void fail(Throwable bug) {
                sink.fail(bug);
            }
        };
    }

    void fail(Throwable bug) {
        if (!calls.isClosed()) {
            onBug.accept(bug);
        }
    }

    /** Begins a call, unless the run is closed; {@link #leave} ends it. */
    boolean enter() {
        return calls.enter();
    }

    void leave() {
        calls.leave();
    }

    /** Completes when this is closed and no call of it is in flight. */
    CompletableFuture<@Nullable Void> whenIdle() {
        return calls.whenIdle();
    }

    boolean closed() {
        return calls.isClosed();
    }

    void close() {
        calls.close();
    }
}
