package dev.emrys.cost;

import java.util.Locale;

/** Amounts of US dollars, for people. */
public final class Money {
    private Money() {}

    /** Such as {@code $0.42}; less than a cent with more digits. */
    public static String text(double usd) {
        return String.format(Locale.ROOT, usd > 0 && usd < 0.01 ? "$%.4f" : "$%.2f", usd);
    }

    /** Such as {@code $0.42 to $1.30}, or one amount when both read the same. */
    public static String text(double low, double high) {
        String from = text(low);
        String to = text(high);
        return from.equals(to) ? from : from + " to " + to;
    }

    /** To a hundredth of a cent, for programs. */
    public static double rounded(double usd) {
        return Math.round(usd * 10_000) / 10_000.0;
    }
}
