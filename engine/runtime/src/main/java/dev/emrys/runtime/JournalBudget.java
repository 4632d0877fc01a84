package dev.emrys.runtime;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.EmrOperation;
import dev.emrys.emr.Quotas;
import dev.emrys.emr.SharedBudget;
import dev.emrys.journal.TokenBuckets;
import dev.emrys.journal.TokenGrant;
import dev.emrys.journal.TokenRequest;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * EMR's quotas, shared by all processes that use the journal. The names of the operations are stored: {@link
 * EmrOperation#name}. Thread-safe.
 */
public final class JournalBudget implements SharedBudget {
    private final TokenBuckets tokens;
    private final String process = UUID.randomUUID().toString();

    /** @param tokens of the journal, as {@link dev.emrys.drive.Target#share} receives it */
    public JournalBudget(TokenBuckets tokens) {
        this.tokens = tokens;
    }

    @Override
    public CompletableFuture<ImmutableList<Lot>> lease(Request request) {
        return tokens.take(tokenRequest(request))
                .thenApply(grants -> grants.stream().map(JournalBudget::lot).collect(toImmutableList()));
    }

    private static Lot lot(TokenGrant grant) {
        return new Lot(grant.tokens(), grant.retryAfter());
    }

    private TokenRequest tokenRequest(Request request) {
        Quotas quotas = request.quotas();
        return new TokenRequest(
                "emr/" + request.account(),
                process,
                rate(quotas.all()),
                quotas.operations().entrySet().stream()
                        .collect(toImmutableMap(entry -> entry.getKey().name(), JournalBudget::rate)),
                request.demands().stream()
                        .map(demand -> new TokenRequest.Demand(
                                demand.operation().name(), demand.rank(), demand.reserve(), demand.count()))
                        .collect(toImmutableList()),
                request.exhausted().stream().map(EmrOperation::name).collect(toImmutableSet()));
    }

    private static TokenRequest.Rate rate(Map.Entry<EmrOperation, Quotas.Rate> entry) {
        return new TokenRequest.Rate(entry.getValue().burst(), entry.getValue().perSecond());
    }

    private static TokenRequest.@Nullable Rate rate(Quotas.@Nullable Rate rate) {
        return rate == null ? null : new TokenRequest.Rate(rate.burst(), rate.perSecond());
    }
}
