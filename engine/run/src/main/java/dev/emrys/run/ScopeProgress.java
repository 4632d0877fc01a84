package dev.emrys.run;

import dev.emrys.graph.Scope;
import java.util.ArrayDeque;

/** The mutable state of one scope, owned by {@link RunState}. */
final class ScopeProgress {
    final Scope scope;
    /** Members that have not ended. */
    int openMembers;
    /** Members whose newest attempt may be known to the target. */
    int inFlight;
    /** Members that could run if the scope were acquired. */
    int demand;
    /** Members that could run if there were capacity, in the order in which they became ready. */
    final ArrayDeque<Integer> waiting = new ArrayDeque<>();

    ScopeProgress(Scope scope) {
        this.scope = scope;
    }

    boolean hasCapacity() {
        return inFlight < scope.capacity();
    }
}
