package dev.emrys.cli

import dev.emrys.cost.BudgetPrices
import dev.emrys.cost.ClusterRates
import dev.emrys.cost.HourlyRate
import dev.emrys.cost.Money
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec

/** What a run would cost an hour. */
internal class PlannedCost(private val spec: PipelineSpec, private val prices: ClusterRates) {
    private val rates = spec.clusters().associate { it.name() to prices.of(spec, it) }
    private val source = prices.prices().source()

    /** Why its budget cannot be kept. */
    val errors: List<Diagnostic> = BudgetPrices.check(spec, prices)

    fun perHour(cluster: ClusterSpec): String {
        val rate = rates.getValue(cluster.name())
        val all = "about ${Money.text(rate.low(), rate.high())} an hour"
        return if (rate.unpriced().isEmpty()) all
        else if (rate.high() > 0) "$all, without ${rate.unpriced().joinToString(", ")}: no price"
        else "no price for ${rate.unpriced().joinToString(", ")}"
    }

    /** Names and values, below the clusters. */
    fun lines(): List<Pair<String, String>> =
        listOfNotNull(
            if (rates.size > 1)
                "together" to "about ${total()} an hour, while all clusters are there"
            else null,
            spec.budget()?.let {
                "budget" to
                    "${Money.text(it.usd().toDouble())}: the run is cancelled when it has cost that much"
            },
            "prices" to "$source; without S3, data transfer and the volumes that EMR adds itself",
        )

    private fun total() =
        Money.text(rates.values.sumOf { it.low() }, rates.values.sumOf { it.high() })

    fun json() = CostJson(spec, rates, source)

    class CostJson(spec: PipelineSpec, rates: Map<String, HourlyRate>, val prices: String) {
        val estimate = true
        val currency = "USD"
        val budget: Double? = spec.budget()?.usd()?.toDouble()
        val clusters: List<RateJson> = rates.map { (name, rate) -> RateJson(name, rate) }
    }

    /** An hour of one cluster. */
    class RateJson(val cluster: String, rate: HourlyRate) {
        val lowPerHour: Double = Money.rounded(rate.low())
        val highPerHour: Double = Money.rounded(rate.high())
        val unpriced: List<String> = rate.unpriced().toList()
    }
}
