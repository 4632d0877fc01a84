package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.TokenRequest
import java.time.Instant
import java.time.InstantSource
import java.util.concurrent.CompletableFuture

/** The budget that one process of several shares through a journal in memory. */
class JournalTokens(journals: InMemoryJournals, private val clock: InstantSource? = null) :
    SharedBudget {
    constructor(clock: InstantSource) : this(InMemoryJournals(clock), clock)

    private val tokens = journals.open {}.tokens()
    private val process = "process ${processes++}"

    /** When tokens were asked for. */
    val requests = mutableListOf<Instant>()

    /** What becomes of an answer on its way. */
    var way:
        (CompletableFuture<ImmutableList<SharedBudget.Lot>>) -> CompletableFuture<
                ImmutableList<SharedBudget.Lot>
            > =
        {
            it
        }

    override fun lease(
        request: SharedBudget.Request
    ): CompletableFuture<ImmutableList<SharedBudget.Lot>> {
        clock?.let { requests += it.instant() }
        val asked =
            TokenRequest(
                request.account(),
                process,
                request.quotas().all()?.let(::rate),
                ImmutableMap.copyOf(
                    request
                        .quotas()
                        .operations()
                        .map { (operation, rate) -> operation.name to rate(rate) }
                        .toMap()
                ),
                ImmutableList.copyOf(
                    request.demands().map {
                        TokenRequest.Demand(
                            it.operation().name,
                            it.rank(),
                            it.reserve(),
                            it.count(),
                        )
                    }
                ),
                ImmutableSet.copyOf(request.exhausted().map { it.name }),
            )
        return way(
            tokens.take(asked).thenApply { grants ->
                ImmutableList.copyOf(grants.map { SharedBudget.Lot(it.tokens(), it.retryAfter()) })
            }
        )
    }

    private fun rate(rate: Quotas.Rate) =
        TokenRequest.Rate(rate.burst().toDouble(), rate.perSecond())

    private companion object {
        var processes = 0
    }
}
