package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Token buckets in memory, shared by all journals of {@link InMemoryJournals}. Thread-safe. */
final class InMemoryTokenBuckets implements TokenBuckets {
    private final InstantSource clock;
    private final Map<String, Endpoint> endpoints = new TreeMap<>();

    private static final class Endpoint {
        final Map<String, TokenDeal.Stored> buckets = new TreeMap<>();
        final List<TokenDeal.Claim> claims = new ArrayList<>();
    }

    InMemoryTokenBuckets(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized CompletableFuture<ImmutableList<TokenGrant>> take(TokenRequest request) {
        Endpoint endpoint = endpoints.computeIfAbsent(request.endpoint(), name -> new Endpoint());
        TokenDeal.Result result =
                TokenDeal.of(request, endpoint.buckets, ImmutableList.copyOf(endpoint.claims), clock.instant());
        endpoint.buckets.putAll(result.buckets());
        endpoint.claims.removeIf(claim -> claim.process().equals(request.process()));
        endpoint.claims.removeAll(result.ended());
        endpoint.claims.addAll(result.claims());
        return CompletableFuture.completedFuture(result.grants());
    }
}
