package dev.emrys.cli

import dev.emrys.cost.Money
import dev.emrys.runtime.Engine
import dev.emrys.runtime.RunCosts
import dev.emrys.view.RunView
import java.time.Duration
import java.time.Instant

/** What a run has cost, in one line. */
internal object CostText {
    fun of(cost: RunCosts.RunCost): String {
        val time = cost.clusters().map { it.time() }.reduce(Duration::plus)
        val total = Money.text(cost.total().low(), cost.total().high())
        val unpriced = cost.unpriced().joinToString(", ")
        return "about $total for ${Formats.duration(time)} of clusters (estimate, ${cost.source()})" +
            if (unpriced.isEmpty()) "" else "; without $unpriced, which have no price"
    }

    /**
     * Null on a target that costs nothing, and when a file of prices cannot be read any more: the
     * outcome counts more.
     */
    fun ofEnded(engine: Engine, run: RunView): RunCosts.RunCost? =
        try {
            engine.costs().of(run, Instant.now()).orElse(null)
        } catch (_: StopException) {
            null
        }
}
