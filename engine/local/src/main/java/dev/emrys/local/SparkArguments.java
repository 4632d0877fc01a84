package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The arguments of spark-submit and its kin, read as SparkSubmit itself reads them, and rewritten for a machine without YARN: what
 * names a master or a deploy mode goes, so does what only EMR's own classes could honour; the application and its arguments stay.
 */
final class SparkArguments {
    /** SparkSubmitOptionParser's switches; every other option that begins with a dash has a value. */
    private static final ImmutableSet<String> SWITCHES =
            ImmutableSet.of("--supervise", "--usage-error", "--verbose", "-v", "--version", "--help", "-h");

    /** The options with a value, from SparkSubmitOptionParser of Spark 3.5. What is none of these belongs to the application. */
    private static final ImmutableSet<String> OPTIONS = ImmutableSet.of(
            "--archives",
            "--class",
            "--conf",
            "-c",
            "--deploy-mode",
            "--driver-class-path",
            "--driver-cores",
            "--driver-java-options",
            "--driver-library-path",
            "--driver-memory",
            "--exclude-packages",
            "--executor-cores",
            "--executor-memory",
            "--files",
            "--jars",
            "--keytab",
            "--kill",
            "--master",
            "--name",
            "--num-executors",
            "--packages",
            "--principal",
            "--properties-file",
            "--proxy-user",
            "--py-files",
            "--queue",
            "--remote",
            "--repositories",
            "--status",
            "--total-executor-cores");

    private static final Pattern S3_CLASS =
            Pattern.compile("spark\\.hadoop\\.fs\\.(AbstractFileSystem\\.)?s3[an]?\\.impl");

    final List<String> options = new ArrayList<>();
    /** What is no option of spark-submit: the application and its arguments, or spark-sql's own options. */
    final List<String> rest = new ArrayList<>();

    final List<String> notes = new ArrayList<>();
    /** What the driver's JVM is started with: SparkSubmit, which reads it too, runs in that JVM already. */
    private final Map<Driver, String> driver = new EnumMap<>(Driver.class);

    private final Map<Driver, Source> sources = new EnumMap<>(Driver.class);

    private enum Driver {
        MEMORY,
        JAVA_OPTIONS,
        CLASS_PATH
    }

    /** In the order of their weight. */
    enum Source {
        DEFAULTS,
        CONF,
        OPTION
    }

    /**
     * Reads arguments.
     *
     * @param mixed spark-sql takes spark-submit's options anywhere among its own; spark-submit only before the application
     */
    static SparkArguments parse(ImmutableList<String> args, boolean mixed) {
        SparkArguments parsed = new SparkArguments();
        Iterator<String> all = args.iterator();
        while (all.hasNext()) {
            String arg = all.next();
            String name = arg.startsWith("--") && arg.contains("=") ? arg.substring(0, arg.indexOf('=')) : arg;
            if (OPTIONS.contains(name)) {
                String value = name.length() < arg.length()
                        ? arg.substring(name.length() + 1)
                        : all.hasNext() ? all.next() : "";
                parsed.option(name, value);
            } else if (SWITCHES.contains(arg)) {
                parsed.options.add(arg);
            } else {
                parsed.rest.add(arg);
                if (!mixed) {
                    all.forEachRemaining(parsed.rest::add);
                }
            }
        }
        return parsed;
    }

    private void option(String name, String value) {
        switch (name) {
            case "--master", "--deploy-mode", "--queue", "--num-executors", "--keytab", "--principal", "--proxy-user" ->
                // Without its value, which may be what nobody should read in a log.
                notes.add(name + " is left out: the step runs in one process on this machine.");
            case "--conf", "-c" -> conf(value, Source.CONF);
            case "--driver-memory" -> driver(Driver.MEMORY, value, Source.OPTION);
            case "--driver-java-options" -> driver(Driver.JAVA_OPTIONS, value, Source.OPTION);
            case "--driver-class-path" -> driver(Driver.CLASS_PATH, value, Source.OPTION);
            default -> {
                options.add(name);
                options.add(value);
            }
        }
    }

    private void driver(Driver what, String value, Source source) {
        Source before = sources.get(what);
        if (before == null || before.compareTo(source) <= 0) {
            sources.put(what, source);
            driver.put(what, value);
        }
    }

    /** Takes one {@code key=value}, unless it is for YARN or for classes that only EMR has. */
    void conf(String setting, Source source) {
        int equals = setting.indexOf('=');
        String key = equals < 0 ? setting : setting.substring(0, equals);
        String value = equals < 0 ? "" : setting.substring(equals + 1);
        if (key.equals("spark.driver.memory")) {
            driver(Driver.MEMORY, value, source);
        } else if (key.equals("spark.driver.extraJavaOptions")) {
            driver(Driver.JAVA_OPTIONS, value, source);
        } else if (key.equals("spark.driver.extraClassPath")) {
            driver(Driver.CLASS_PATH, value, source);
        } else if (S3_CLASS.matcher(key).matches()) {
            notes.add("--conf " + key + " is left out: s3 is a folder on this machine.");
        } else if (key.equals("spark.master") || key.equals("spark.submit.deployMode")) {
            notes.add("--conf " + key + " is left out: the step runs in one process on this machine.");
        } else if (value.contains("com.amazon.") || key.contains("com.amazon.")) {
            notes.add("--conf " + key + " is left out: it names a class that only EMR has.");
        } else {
            options.add("--conf");
            options.add(setting);
        }
    }

    /** The driver's heap in megabytes: at least what Spark demands (471,859,200 bytes), 1 GB when nobody says. */
    int heapMegabytes() {
        String text = driver.getOrDefault(Driver.MEMORY, "")
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("b$", "");
        if (text.isEmpty()) {
            return 1024;
        }
        try {
            char unit = text.charAt(text.length() - 1);
            boolean named = Character.isLetter(unit);
            double number = Double.parseDouble(named ? text.substring(0, text.length() - 1) : text);
            double megabytes = switch (named ? unit : 'm') {
                case 't' -> number * 1024 * 1024;
                case 'g' -> number * 1024;
                case 'k' -> number / 1024;
                default -> number;
            };
            return (int) Math.max(520, Math.min(megabytes, 64.0 * 1024));
        } catch (NumberFormatException e) {
            notes.add("The driver memory \"" + text + "\" is no amount of memory: 1g is taken.");
            return 1024;
        }
    }

    /** The flags that are asked for the driver's JVM. */
    List<String> javaOptions() {
        return words(driver.getOrDefault(Driver.JAVA_OPTIONS, ""));
    }

    /** What is asked to stand before everything else on the driver's class path; empty for nothing. */
    String classPath() {
        return driver.getOrDefault(Driver.CLASS_PATH, "");
    }

    /** Apart at blanks, but for those within quotes, as Spark's own launcher reads such a text. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean begun = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                begun = true;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                begun = true;
            } else if (c == quote && quote != 0) {
                quote = 0;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                    begun = false;
                }
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
