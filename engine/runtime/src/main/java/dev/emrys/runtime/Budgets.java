package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.cost.BudgetPrices;
import dev.emrys.cost.ClusterRates;
import dev.emrys.cost.Money;
import dev.emrys.drive.Target;
import dev.emrys.drive.Timers;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.RunRecord;
import dev.emrys.spec.Budget;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.InvalidSpecException;
import dev.emrys.spec.PipelineCode;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SourceLocation;
import dev.emrys.view.RunViews;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The budgets of the runs of one engine. Thread-safe. */
final class Budgets {
    private final RunViews views;
    private final RunCosts.Prices prices;
    private final Timers timers;
    private final InstantSource clock;
    private final Executor executor;
    private final Consumer<String> warnings;

    Budgets(
            RunViews views,
            RunCosts.Prices prices,
            Timers timers,
            InstantSource clock,
            Executor executor,
            Consumer<String> warnings) {
        this.views = views;
        this.prices = prices;
        this.timers = timers;
        this.clock = clock;
        this.executor = executor;
        this.warnings = warnings;
    }

    /** The spec with another budget than its own, if there is one. */
    static PipelineSpec with(PipelineSpec spec, Optional<BigDecimal> usd) {
        return usd.map(amount -> spec.withBudget(new Budget(amount, SourceLocation.UNKNOWN)))
                .orElse(spec);
    }

    /**
     * Before a run is recorded.
     *
     * @throws InvalidSpecException when the budget cannot be kept on this target
     */
    void check(PipelineSpec spec, Target target) {
        if (spec.budget() == null) {
            return;
        }
        ImmutableList<Diagnostic> errors = prices.of(target.name(), target.settings())
                .map(rates -> BudgetPrices.check(spec, rates))
                .orElse(ImmutableList.of());
        if (!errors.isEmpty()) {
            throw new InvalidSpecException(errors);
        }
    }

    /**
     * Before a run that has ended is continued.
     *
     * @throws InvalidSpecException when its budget is spent
     */
    void checkLeft(RunRecord run, PipelineSpec spec) {
        Budget budget = spec.budget();
        Optional<ClusterRates> rates = prices.of(run.target(), run.targetSettings());
        if (budget == null || rates.isEmpty()) {
            return;
        }
        double cost = RunCosts.sum(views.uptimes(run.id()).read(), RunCosts.rates(spec, rates.get()), clock.instant())
                .high();
        double usd = budget.usd().doubleValue();
        if (cost >= usd) {
            throw new InvalidSpecException(ImmutableList.of(
                    PipelineCode.BUDGET_SPENT.at(budget.location(), run.name(), Money.text(cost), Money.text(usd))));
        }
    }

    /** Counts the cost of a run while this process drives it. */
    void watch(RunHandle run, PipelineSpec spec, Target target) {
        Budget budget = spec.budget();
        Optional<ClusterRates> rates = prices.of(target.name(), target.settings());
        if (budget == null || rates.isEmpty()) {
            return;
        }
        try {
            BudgetWatch watch = new BudgetWatch(
                    budget.usd().doubleValue(),
                    RunCosts.rates(spec, rates.get()),
                    views.uptimes(run.id()),
                    timers,
                    clock,
                    executor,
                    warnings,
                    run::cancel);
            watch.begin();
            var unused = run.done().whenComplete((outcome, failure) -> watch.end());
        } catch (JournalException e) {
            // The run is driven already.
            warnings.accept("The budget of the run " + run.name() + " is not kept: " + e.getMessage());
        }
    }
}
