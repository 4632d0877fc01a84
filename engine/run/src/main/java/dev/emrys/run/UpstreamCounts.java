package dev.emrys.run;

import dev.emrys.graph.TriggerRule;

/**
 * Counts, by state, the upstreams of one task whose edges have the same rule. Mutable, owned by {@link TaskProgress}.
 */
final class UpstreamCounts {
    private int open;
    private int succeeded;
    private int failed;
    private int skipped;

    void add(Phase phase, int by) {
        switch (phase) {
            case SUCCEEDED -> succeeded += by;
            case FAILED, CANCELLED -> failed += by;
            case SKIPPED -> skipped += by;
            default -> open += by;
        }
    }

    void clear() {
        open = 0;
        succeeded = 0;
        failed = 0;
        skipped = 0;
    }

    TriggerRule.Decision decide(TriggerRule rule) {
        return rule.decide(open, succeeded, failed, skipped);
    }

    /** As {@link #decide}, if one more of the open upstreams had succeeded. */
    TriggerRule.Decision decideWithOneMore(TriggerRule rule) {
        return rule.decide(open - 1, succeeded + 1, failed, skipped);
    }
}
