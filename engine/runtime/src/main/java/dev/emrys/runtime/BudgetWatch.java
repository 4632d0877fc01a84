package dev.emrys.runtime;

import com.google.common.collect.ImmutableMap;
import dev.emrys.cost.HourlyRate;
import dev.emrys.cost.Money;
import dev.emrys.drive.Timers;
import dev.emrys.journal.JournalException;
import dev.emrys.view.ClusterUptimes;
import dev.emrys.view.ClusterUptimes.Uptime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a run that this process drives within its budget: counts what its clusters have cost, warns once when {@link
 * #WARNING_SHARE} of the budget is reached, and cancels the run when all of it is. Counted at the largest size that the
 * script allows. Thread-safe.
 */
final class BudgetWatch {
    static final double WARNING_SHARE = 0.8;
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final double SECONDS_OF_AN_HOUR = 3600;

    private final double budget;
    private final ImmutableMap<String, HourlyRate> rates;
    private final ClusterUptimes uptimes;
    private final Timers timers;
    private final InstantSource clock;
    /** Reads the journal, which the thread of the timers must not. */
    private final Executor executor;

    private final Consumer<String> warnings;
    private final Consumer<String> cancel;
    private boolean hasWarned;
    private boolean isOver;
    private Timers.@Nullable Scheduled next;

    /**
     * @param budget US dollars
     * @param rates of the clusters, by their names
     * @param warnings receives one sentence
     * @param cancel receives why, once
     */
    BudgetWatch(
            double budget,
            ImmutableMap<String, HourlyRate> rates,
            ClusterUptimes uptimes,
            Timers timers,
            InstantSource clock,
            Executor executor,
            Consumer<String> warnings,
            Consumer<String> cancel) {
        this.budget = budget;
        this.rates = rates;
        this.uptimes = uptimes;
        this.timers = timers;
        this.clock = clock;
        this.executor = executor;
        this.warnings = warnings;
        this.cancel = cancel;
    }

    void begin() {
        schedule(Duration.ZERO);
    }

    /** The run has ended, or another process drives it. */
    synchronized void end() {
        isOver = true;
        if (next != null) {
            next.cancel();
        }
    }

    private synchronized void schedule(Duration wait) {
        if (!isOver) {
            next = timers.at(clock.instant().plus(wait), () -> {
                try {
                    executor.execute(this::check);
                } catch (RejectedExecutionException e) {
                    end();
                }
            });
        }
    }

    private void check() {
        Duration wait = LONGEST;
        try {
            wait = checked();
        } catch (JournalException e) {
            // The run itself tells of a journal that cannot be read; the cost is counted again later.
        }
        schedule(wait);
    }

    /** How long until the next share of the budget can be reached. */
    private Duration checked() {
        List<Uptime> all = uptimes.read();
        double cost = RunCosts.sum(all, rates, clock.instant()).high();
        if (cost >= budget) {
            cancel.accept(
                    "its budget of " + Money.text(budget) + " (it has cost " + Money.text(cost) + " by estimate)");
            end();
            return LONGEST;
        }
        double share = budget * WARNING_SHARE;
        if (cost >= share) {
            warnOnce(cost);
            share = budget;
        }
        double perHour = all.stream()
                .filter(uptime -> uptime.until() == null)
                .mapToDouble(uptime ->
                        rates.getOrDefault(uptime.cluster(), HourlyRate.ZERO).high())
                .sum();
        return perHour > 0 ? seconds((share - cost) / perHour * SECONDS_OF_AN_HOUR) : LONGEST;
    }

    private static Duration seconds(double seconds) {
        return seconds > LONGEST.toSeconds() ? LONGEST : SHORTEST.plusSeconds((long) seconds);
    }

    private synchronized void warnOnce(double cost) {
        if (!hasWarned) {
            hasWarned = true;
            warnings.accept("The run has cost " + Money.text(cost) + " by estimate; it is cancelled at its budget of "
                    + Money.text(budget) + ".");
        }
    }
}
