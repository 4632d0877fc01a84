package dev.emrys.scheduler;

import dev.emrys.journal.RunCatalog;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleStore;
import dev.emrys.schedule.AfterSuccess;
import dev.emrys.schedule.Arrival;
import dev.emrys.schedule.CronExpression;
import dev.emrys.schedule.Interval;
import dev.emrys.schedule.Timing;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Looks for what schedules wait for: runs of other pipelines, files, objects. It records fires as requested, together
 * with what they are for, and the {@link Scheduler} of any process decides about them. Thread-safe.
 */
public final class TriggerPoller {
    private static final Duration SUCCESS_PAUSE = Duration.ofSeconds(1);

    private final ScheduleStore store;
    private final RunCatalog runs;
    private final ArrivalSource arrivals;
    private final InstantSource clock;
    private final String by;
    private final Consumer<ScheduleChange> recorded;

    /**
     * @param by this process, for the history
     * @param recorded is given each change that this process has recorded, on the thread that looked
     */
    public TriggerPoller(
            ScheduleStore store,
            RunCatalog runs,
            ArrivalSource arrivals,
            InstantSource clock,
            String by,
            Consumer<ScheduleChange> recorded) {
        this.store = store;
        this.runs = runs;
        this.arrivals = arrivals;
        this.clock = clock;
        this.by = by;
        this.recorded = recorded;
    }

    /**
     * Looks for what one schedule waits for. Not thread-safe.
     *
     * @param look looks once and blocks, and returns false when the schedule is not recorded yet; throws {@link
     *     dev.emrys.journal.JournalException}, also as a cause, when the journal cannot be used
     * @param isSlow whether a look may take long, such as in a folder of the network
     * @param pause the time between two looks
     */
    record Watch(BooleanSupplier look, boolean isSlow, Duration pause) {}

    /**
     * Looks once. Blocks; without effect for a schedule that waits for nothing.
     *
     * @return false when the schedule is not recorded yet, as its script declares it
     */
    public boolean poll(ServedSchedule schedule) {
        return watch(schedule).map(watch -> watch.look().getAsBoolean()).orElse(true);
    }

    /** Empty for a schedule that waits for nothing. */
    Optional<Watch> watch(ServedSchedule schedule) {
        return schedule.fires().schedule().timing().accept(new Timing.Cases<>() {
            @Override
            public Optional<Watch> cron(CronExpression cron) {
                return Optional.empty();
            }

            @Override
            public Optional<Watch> interval(Interval interval) {
                return Optional.empty();
            }

            @Override
            public Optional<Watch> afterSuccess(AfterSuccess success) {
                TriggerPoll poll = new SuccessPoll(schedule, success, store, runs, clock, by, recorded);
                return Optional.of(new Watch(poll::poll, false, SUCCESS_PAUSE));
            }

            @Override
            public Optional<Watch> arrival(Arrival arrival) {
                TriggerPoll poll = new ArrivalPoll(schedule, arrival, store, arrivals, clock, by, recorded);
                return Optional.of(new Watch(poll::poll, true, arrival.pollEvery()));
            }
        });
    }
}
