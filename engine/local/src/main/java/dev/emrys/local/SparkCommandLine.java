package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Builds the command line of SparkSubmit for a machine without YARN. It drops options that name a master or deploy mode
 * and settings that name classes of EMR, and turns the options of the driver's JVM into JVM flags, because SparkSubmit
 * runs in that JVM. Not thread-safe.
 */
final class SparkCommandLine {
    private static final int DEFAULT_HEAP_MEGABYTES = 1024;
    /** Spark requires 471,859,200 bytes. */
    private static final int LEAST_HEAP_MEGABYTES = 520;

    private static final int GREATEST_HEAP_MEGABYTES = 64 * 1024;

    private static final Pattern S3_CLASS =
            Pattern.compile("spark\\.hadoop\\.fs\\.(AbstractFileSystem\\.)?s3[an]?\\.impl");

    private final List<String> options = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<DriverSetting, String> driver = new EnumMap<>(DriverSetting.class);
    private final Map<DriverSetting, Source> sources = new EnumMap<>(DriverSetting.class);

    private enum DriverSetting {
        MEMORY,
        JAVA_OPTIONS,
        CLASS_PATH
    }

    /** Where a setting of the driver comes from, in ascending precedence. */
    private enum Source {
        DEFAULTS,
        CONF,
        OPTION
    }

    /** Adds an option of spark-submit, with a value that is already converted to a path of this machine. */
    void add(SparkArguments.Option option) {
        String value = option.value();
        if (value == null) {
            options.add(option.name());
            return;
        }
        switch (option.name()) {
            case "--master", "--deploy-mode", "--queue", "--num-executors", "--keytab", "--principal", "--proxy-user" ->
                // The value may be confidential, so the warning does not contain it.
                warnings.add(option.name() + " is ignored: the step runs in one process on this machine.");
            case "--conf", "-c" -> {
                int equals = value.indexOf('=');
                if (equals < 0) {
                    // Spark reports it.
                    addOption("--conf", value);
                } else {
                    addSetting(value.substring(0, equals), value.substring(equals + 1), value, Source.CONF);
                }
            }
            case "--driver-memory" -> setDriver(DriverSetting.MEMORY, value, Source.OPTION);
            case "--driver-java-options" -> setDriver(DriverSetting.JAVA_OPTIONS, value, Source.OPTION);
            case "--driver-class-path" -> setDriver(DriverSetting.CLASS_PATH, value, Source.OPTION);
            default -> addOption(option.name(), value);
        }
    }

    /**
     * Adds a setting of the cluster's {@code spark-defaults}; call it before {@link #add}, so that the step's settings
     * win.
     */
    void addDefault(String key, String value) {
        addSetting(key, value, key + "=" + value, Source.DEFAULTS);
    }

    /** Adds an option unchanged. */
    void addOption(String name, String value) {
        options.add(name);
        options.add(value);
    }

    /** Adds {@code --conf key=value}, unless the step or the cluster sets this key. */
    void setIfAbsent(String key, String value) {
        if (!sets(key)) {
            addOption("--conf", key + "=" + value);
        }
    }

    /** Whether the step or the cluster sets this key. */
    boolean sets(String key) {
        return options.stream().anyMatch(option -> option.startsWith(key + "="));
    }

    ImmutableList<String> options() {
        return ImmutableList.copyOf(options);
    }

    /** What was ignored or replaced; one sentence each. Complete after {@link #heapMegabytes}. */
    ImmutableList<String> warnings() {
        return ImmutableList.copyOf(warnings);
    }

    private void addSetting(String key, String value, String setting, Source source) {
        switch (key) {
            case "spark.driver.memory" -> setDriver(DriverSetting.MEMORY, value, source);
            case "spark.driver.extraJavaOptions" -> setDriver(DriverSetting.JAVA_OPTIONS, value, source);
            case "spark.driver.extraClassPath" -> setDriver(DriverSetting.CLASS_PATH, value, source);
            case "spark.master", "spark.submit.deployMode" ->
                warnings.add("--conf " + key + " is ignored: the step runs in one process on this machine.");
            default -> {
                if (S3_CLASS.matcher(key).matches()) {
                    warnings.add("--conf " + key + " is ignored: s3 is a folder on this machine.");
                } else if (value.contains("com.amazon.") || key.contains("com.amazon.")) {
                    warnings.add("--conf " + key + " is ignored: it names a class that only EMR has.");
                } else {
                    addOption("--conf", setting);
                }
            }
        }
    }

    private void setDriver(DriverSetting setting, String value, Source source) {
        Source before = sources.get(setting);
        if (before == null || before.compareTo(source) <= 0) {
            sources.put(setting, source);
            driver.put(setting, value);
        }
    }

    /** The driver's heap in megabytes, between the least that Spark accepts and 64 GB; 1 GB by default. */
    int heapMegabytes() {
        String text = driver.getOrDefault(DriverSetting.MEMORY, "")
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("b$", "");
        if (text.isEmpty()) {
            return DEFAULT_HEAP_MEGABYTES;
        }
        try {
            char last = text.charAt(text.length() - 1);
            boolean hasUnit = Character.isLetter(last);
            double number = Double.parseDouble(hasUnit ? text.substring(0, text.length() - 1) : text);
            double megabytes = switch (hasUnit ? last : 'm') {
                case 't' -> number * 1024 * 1024;
                case 'g' -> number * 1024;
                case 'k' -> number / 1024;
                default -> number;
            };
            return (int) Math.max(LEAST_HEAP_MEGABYTES, Math.min(megabytes, GREATEST_HEAP_MEGABYTES));
        } catch (NumberFormatException e) {
            warnings.add("The driver memory is not an amount of memory; 1g is used.");
            return DEFAULT_HEAP_MEGABYTES;
        }
    }

    /** The flags of the driver's JVM. */
    ImmutableList<String> javaOptions() {
        return words(driver.getOrDefault(DriverSetting.JAVA_OPTIONS, ""));
    }

    /** What is first on the driver's class path; may be empty. */
    String classPath() {
        return driver.getOrDefault(DriverSetting.CLASS_PATH, "");
    }

    /** Splits at white space outside quotes, as Spark's CommandBuilderUtils.parseOptionString does. */
    private static ImmutableList<String> words(String text) {
        ImmutableList.Builder<String> words = ImmutableList.builder();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean started = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                started = true;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                started = true;
            } else if (c == quote && quote != 0) {
                quote = 0;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (started) {
                    words.add(word.toString());
                    word.setLength(0);
                    started = false;
                }
            } else {
                word.append(c);
                started = true;
            }
        }
        if (started) {
            words.add(word.toString());
        }
        return words.build();
    }
}
