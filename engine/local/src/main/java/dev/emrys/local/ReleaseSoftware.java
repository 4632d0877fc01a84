package dev.emrys.local;

import com.google.common.base.Ascii;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the steps of each release label run on. Thread-safe. */
final class ReleaseSoftware {
    private final Distributions distributions;
    private final Map<String, ResolvedSoftware> byLabel = new ConcurrentHashMap<>();

    ReleaseSoftware(Distributions distributions) {
        this.distributions = distributions;
    }

    ResolvedSoftware of(String label) {
        return byLabel.computeIfAbsent(Ascii.toLowerCase(label), key -> new ResolvedSoftware(distributions, key));
    }
}
