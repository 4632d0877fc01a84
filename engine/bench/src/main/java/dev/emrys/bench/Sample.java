package dev.emrys.bench;

import java.util.Optional;

/**
 * One measured value.
 *
 * @param cpuSeconds the user and system time of the measured process meanwhile; NaN when it is not known
 */
record Sample(Row row, double value, double cpuSeconds) {
    private static final String MARK = "sample";

    static Sample of(Row row, double value) {
        return new Sample(row, value, Double.NaN);
    }

    /** The form in which a process gives it to the one that started it. */
    void print() {
        System.out.println(String.join("\t", MARK, row.name(), Double.toString(value), Double.toString(cpuSeconds)));
    }

    /** Empty when the line is something else. */
    static Optional<Sample> parse(String line) {
        String[] parts = line.split("\t", -1);
        return parts.length == 4 && parts[0].equals(MARK)
                ? Optional.of(
                        new Sample(Row.valueOf(parts[1]), Double.parseDouble(parts[2]), Double.parseDouble(parts[3])))
                : Optional.empty();
    }
}
