package dev.emrys.cost;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import dev.emrys.spec.Budget;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.PipelineCode;
import dev.emrys.spec.PipelineSpec;

/** Whether a budget can be kept: everything that it must count needs a price. */
public final class BudgetPrices {
    private BudgetPrices() {}

    /** Empty without a budget. */
    public static ImmutableList<Diagnostic> check(PipelineSpec spec, ClusterRates rates) {
        Diagnostics diagnostics = new Diagnostics();
        Budget budget = spec.budget();
        if (budget != null) {
            ImmutableSortedSet.Builder<String> unpriced = ImmutableSortedSet.naturalOrder();
            for (ClusterSpec cluster : spec.clusters()) {
                unpriced.addAll(rates.of(cluster).unpriced());
            }
            ImmutableSortedSet<String> names = unpriced.build();
            diagnostics.unless(
                    names.isEmpty(),
                    PipelineCode.BUDGET_UNPRICED,
                    budget.location(),
                    String.join(", ", names),
                    Money.text(budget.usd().doubleValue()));
        }
        return diagnostics.all();
    }
}
