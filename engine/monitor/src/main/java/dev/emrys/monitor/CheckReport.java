package dev.emrys.monitor;

import com.google.common.collect.ImmutableList;

/**
 * The answer of the endpoints {@code /health} and {@code /ready}, in this JSON form.
 *
 * @param status {@code ok} or {@code failing}
 * @param checks in the order in which they were given
 */
record CheckReport(String status, ImmutableList<Entry> checks) {

    /** One check. */
    record Entry(String name, boolean ok, String detail) {}

    static CheckReport of(ImmutableList<Entry> checks) {
        return new CheckReport(checks.stream().allMatch(Entry::ok) ? "ok" : "failing", checks);
    }

    boolean isOk() {
        return status.equals("ok");
    }

    /** For readers without the token: a detail may name files and hosts. */
    CheckReport withoutDetails() {
        return new CheckReport(
                status,
                checks.stream()
                        .map(entry -> new Entry(entry.name(), entry.ok(), ""))
                        .collect(ImmutableList.toImmutableList()));
    }
}
