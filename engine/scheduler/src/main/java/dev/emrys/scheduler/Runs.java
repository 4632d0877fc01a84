package dev.emrys.scheduler;

import dev.emrys.journal.FireRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The runs of fires: how many at the same time, which next, and when to look again. Not thread-safe. */
final class Runs {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final FireRunner runner;
    private final InstantSource clock;
    private final int max;
    private final Consumer<Runnable> post;
    private final Predicate<FireRecord> isOpen;
    private final BiConsumer<FireRecord, FireResult> ended;
    private final SchedulerListener listener;

    private final Map<FireRecord.Key, Item> items = new LinkedHashMap<>();
    private final FairQueue<String, Item> queue = new FairQueue<>();
    private final PriorityQueue<Item> later = new PriorityQueue<>();
    private int running;
    private long added;
    private boolean stopped;

    private static final class Item implements Comparable<Item> {
        final ServedSchedule schedule;
        final FireRecord fire;
        final long order;
        Instant notBefore;
        Duration pause = FIRST_PAUSE;
        /** Whether its run may exist. */
        boolean mayExist;

        boolean isDropped;

        Item(ServedSchedule schedule, FireRecord fire, boolean isNew, Instant notBefore, long order) {
            this.order = order;
            this.mayExist = !isNew;
            this.schedule = schedule;
            this.fire = fire;
            this.notBefore = notBefore;
        }

        @Override
        public int compareTo(Item other) {
            int byTime = notBefore.compareTo(other.notBefore);
            return byTime == 0 ? Long.compare(order, other.order) : byTime;
        }
    }

    /**
     * @param post makes an action run in the scheduler's next tick
     * @param isOpen whether a fire has not ended, as far as is known
     * @param ended takes the end of a run
     */
    Runs(
            FireRunner runner,
            InstantSource clock,
            int max,
            Consumer<Runnable> post,
            Predicate<FireRecord> isOpen,
            BiConsumer<FireRecord, FireResult> ended,
            SchedulerListener listener) {
        this.runner = runner;
        this.clock = clock;
        this.max = max;
        this.post = post;
        this.isOpen = isOpen;
        this.ended = ended;
        this.listener = listener;
    }

    /** Adds the run of a fire that this process has just decided. */
    void start(ServedSchedule schedule, FireRecord fire) {
        add(new Item(schedule, fire, true, clock.instant(), added++));
    }

    /** Looks after the run of a fire, which may have begun, unless that is done already. */
    void adopt(ServedSchedule schedule, FireRecord fire, Instant notBefore) {
        add(new Item(schedule, fire, false, notBefore, added++));
    }

    private void add(Item item) {
        if (!stopped && items.putIfAbsent(item.fire.key(), item) == null) {
            later.add(item);
        }
    }

    /** When the next run is to be looked after; what waits for another one to end is not counted. */
    Instant nextStart() {
        Item next = later.peek();
        return next == null ? Instant.MAX : next.notBefore;
    }

    /** Starts what may start. */
    void startDue(Instant now) {
        for (Item next = later.peek(); next != null && !next.notBefore.isAfter(now); next = later.peek()) {
            later.remove();
            if (!next.isDropped) {
                queue.add(next.fire.schedule(), next);
            }
        }
        while (!stopped && running < max && queue.size() > 0) {
            Item item = queue.poll().orElseThrow();
            if (!isOpen.test(item.fire)) {
                // Another process has recorded its end.
                items.remove(item.fire.key(), item);
            } else if (!item.isDropped) {
                start(item);
            }
        }
    }

    private void start(Item item) {
        running++;
        item.mayExist = true;
        var unused = runner.run(item.schedule, item.fire)
                .exceptionally(failure -> new FireResult(FireResult.Kind.NOT_NOW, failure.toString()))
                .thenAccept(result -> post.accept(() -> completed(item, result)));
    }

    private void completed(Item item, FireResult result) {
        running--;
        switch (result.kind()) {
            case SUCCEEDED, FAILED, CANCELLED -> {
                items.remove(item.fire.key());
                ended.accept(item.fire, result);
            }
            case ELSEWHERE -> again(item, FIRST_PAUSE);
            case NOT_NOW -> {
                listener.notNow(item.fire, result.reason());
                again(item, item.pause);
                Duration longer = item.pause.multipliedBy(2);
                item.pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
            }
            case LEFT -> items.remove(item.fire.key());
        }
    }

    private void again(Item item, Duration pause) {
        if (!stopped) {
            item.notBefore = clock.instant().plus(pause);
            later.add(item);
        }
    }

    /** Cancels the run of a fire, whichever process drives it. */
    void cancel(FireRecord fire) {
        Item item = items.get(fire.key());
        if (item != null && !item.mayExist) {
            item.isDropped = true;
            items.remove(fire.key());
            ended.accept(fire, new FireResult(FireResult.Kind.CANCELLED, "a newer fire takes its place"));
            return;
        }
        runner.cancel(fire.run());
    }

    /** Starts nothing any more. */
    void stop() {
        stopped = true;
        later.clear();
    }

    int running() {
        return running;
    }

    int queued() {
        return queue.size();
    }
}
