package dev.emrys.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The measured values of all rounds, and their table. */
final class ResultTable {
    private static final String NONE = "–";
    private static final List<String> HEADER = List.of(
            "what", "target", "median", "min – max", "CPU, s", "fdatasync 4 KiB, ms", "SQLite commit, ms", "load");

    /** @param load the machine's load average of one minute, before the measurement */
    private record Measured(Sample sample, Calibration calibration, double load) {}

    private final Map<Row, List<Measured>> measured = new EnumMap<>(Row.class);
    private final Map<Row, String> failures = new EnumMap<>(Row.class);

    void add(Sample sample, Calibration calibration, double load) {
        measured.computeIfAbsent(sample.row(), row -> new ArrayList<>()).add(new Measured(sample, calibration, load));
    }

    /** @param why one line, which the table shows where there is no value */
    void addFailure(Row row, String why) {
        failures.put(row, why);
    }

    String text() {
        List<List<String>> lines = lines();
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = lines.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                String cell = line.get(i);
                String padding = " ".repeat(width - cell.length());
                text.append(i == 0 ? cell + padding : "  " + padding + cell);
            }
            text.append('\n');
        }
        return text.toString();
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines()) {
            text.append("| ").append(String.join(" | ", line)).append(" |\n");
            if (line == HEADER) {
                text.append("|---|---|")
                        .append("---:|".repeat(HEADER.size() - 2))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private List<List<String>> lines() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADER);
        for (Row row : Row.values()) {
            lines.add(line(row, measured.get(row)));
        }
        return lines;
    }

    private List<String> line(Row row, @Nullable List<Measured> all) {
        if (all == null) {
            return List.of(row.what, row.target, failures.getOrDefault(row, NONE), "", "", "", "", "");
        }
        double[] values = values(all, each -> each.sample().value());
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        return List.of(
                row.what,
                row.target,
                row.text(Calibration.median(values)),
                row.text(min) + " – " + row.text(max),
                number(values(all, each -> each.sample().cpuSeconds())),
                number(values(all, each -> each.calibration().syncMillis())),
                number(values(all, each -> each.calibration().commitMillis())),
                number(values(all, Measured::load)));
    }

    private static double[] values(List<Measured> all, ToDoubleFunction<Measured> value) {
        return all.stream().mapToDouble(value).toArray();
    }

    private static String number(double[] values) {
        double median = Calibration.median(values);
        return Double.isNaN(median) ? NONE : String.format(Locale.ROOT, "%.2f", median);
    }
}
