package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.emrys.cost.ClusterRates;
import dev.emrys.cost.Cost;
import dev.emrys.cost.HourlyRate;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.view.ClusterUptimes.Uptime;
import dev.emrys.view.RunView;
import dev.emrys.view.RunViews;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the clusters of runs have cost, by estimate: the time that they were there, at the prices of a table. Thread-safe. */
public final class RunCosts {
    private final RunViews views;
    private final Prices prices;

    /** Which prices a target has. */
    public interface Prices {
        /** No target has any. */
        Prices NONE = (target, settings) -> Optional.empty();

        /**
         * @param target as {@link dev.emrys.drive.Target#name}
         * @param settings as {@link dev.emrys.drive.Target#settings}
         * @return empty when its clusters cost nothing
         */
        Optional<ClusterRates> of(String target, ImmutableMap<String, String> settings);
    }

    /**
     * What a run has cost.
     *
     * @param clusters those that were started at least once, in the order of the script
     * @param unpriced the instance and volume types that are not counted, since they have no price
     * @param source of the prices, for people
     */
    public record RunCost(
            ImmutableList<ClusterCost> clusters, Cost total, ImmutableSortedSet<String> unpriced, String source) {}

    /**
     * What one cluster of a run has cost.
     *
     * @param starts how often it was started
     * @param time for which it was there, of all starts together
     */
    public record ClusterCost(String cluster, int starts, Duration time, Cost cost) {}

    RunCosts(RunViews views, Prices prices) {
        this.views = views;
        this.prices = prices;
    }

    /**
     * Until now, also of clusters that are there. Reads the whole history of the run.
     *
     * @return empty when its target costs nothing, or no cluster was started
     */
    public Optional<RunCost> of(RunView run, Instant now) {
        return prices.of(run.header().target(), run.header().targetSettings())
                .map(rates -> of(run, rates, now))
                .filter(cost -> !cost.clusters().isEmpty());
    }

    private RunCost of(RunView run, ClusterRates prices, Instant now) {
        ImmutableMap<String, HourlyRate> rates = rates(run.spec(), prices);
        ImmutableList<Uptime> uptimes = views.uptimes(run.header().id()).read();
        ImmutableList.Builder<ClusterCost> clusters = ImmutableList.builder();
        ImmutableSortedSet.Builder<String> unpriced = ImmutableSortedSet.naturalOrder();
        rates.forEach((name, rate) -> {
            List<Uptime> own = uptimes.stream()
                    .filter(uptime -> uptime.cluster().equals(name))
                    .toList();
            if (!own.isEmpty()) {
                Duration time = own.stream().map(each -> time(each, now)).reduce(Duration.ZERO, Duration::plus);
                clusters.add(new ClusterCost(name, own.size(), time, sum(own, rates, now)));
                unpriced.addAll(rate.unpriced());
            }
        });
        return new RunCost(
                clusters.build(),
                sum(uptimes, rates, now),
                unpriced.build(),
                prices.prices().source());
    }

    /** Of every cluster of a spec, by its name, in the order of the script. */
    static ImmutableMap<String, HourlyRate> rates(PipelineSpec spec, ClusterRates prices) {
        ImmutableMap.Builder<String, HourlyRate> rates = ImmutableMap.builder();
        for (ClusterSpec cluster : spec.clusters()) {
            rates.put(cluster.name(), prices.of(spec, cluster));
        }
        return rates.buildOrThrow();
    }

    /** What clusters have cost until now. */
    static Cost sum(List<Uptime> uptimes, Map<String, HourlyRate> rates, Instant now) {
        Cost sum = Cost.NOTHING;
        for (Uptime uptime : uptimes) {
            HourlyRate rate = rates.getOrDefault(uptime.cluster(), HourlyRate.ZERO);
            sum = sum.plus(Cost.of(rate, time(uptime, now)));
        }
        return sum;
    }

    private static Duration time(Uptime uptime, Instant now) {
        Instant until = uptime.until();
        return Duration.between(uptime.from(), until == null ? now : until);
    }
}
