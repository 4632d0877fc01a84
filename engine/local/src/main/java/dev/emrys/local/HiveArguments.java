package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Translates the arguments of {@code hive-script}, {@code hive} and {@code beeline} into those of spark-sql, whose own
 * options are the ones of Hive's command line. Create one per step; not thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-commandrunner.html">Run commands and scripts on
 *     an EMR cluster</a>
 * @see <a href="https://cwiki.apache.org/confluence/display/Hive/LanguageManual+Cli">Hive CLI</a>
 * @see <a href="https://cwiki.apache.org/confluence/display/Hive/HiveServer2+Clients">Beeline</a>
 */
final class HiveArguments {
    private static final String BEELINE = "beeline";

    /** Beeline's options with a value that say how to reach a server. */
    private static final ImmutableSet<String> CONNECTION = ImmutableSet.of("-n", "-p", "-w", "-d", "-c");

    private final String program;
    private final List<String> options = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();
    private final Set<String> ignored = new LinkedHashSet<>();
    private boolean hasFile;

    private HiveArguments(String program) {
        this.program = program;
    }

    static LocalStep parse(String program, ImmutableList<String> args, ImmutableMap<String, String> properties) {
        ImmutableList<String> own = args;
        if (program.equals("hive-script")) {
            int first = args.indexOf("--args") + 1;
            own = first == 0 ? ImmutableList.of() : args.subList(first, args.size());
        }
        return new HiveArguments(program).parse(own, properties);
    }

    private LocalStep parse(ImmutableList<String> args, ImmutableMap<String, String> properties) {
        Iterator<String> remaining = args.iterator();
        while (remaining.hasNext()) {
            String arg = longOption(remaining.next());
            int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            String name = equals < 0 ? arg : arg.substring(0, equals);
            if (isSwitch(name)) {
                add(name, equals < 0 || arg.endsWith("=true"));
            } else if (hasValue(name)) {
                if (equals < 0 && !remaining.hasNext()) {
                    return unsupported(program + " was given no value for " + name + ".", "Give one.");
                }
                add(name, equals < 0 ? remaining.next() : arg.substring(equals + 1));
            } else if (program.equals(BEELINE) && arg.startsWith("-")) {
                ignored.add(name);
            } else {
                return unsupported(
                        "Of " + program + "'s arguments " + name + " is not supported here.",
                        "Use -f, -e, -i, -d, --hivevar, --hiveconf and --database.");
            }
        }
        if (!statements.isEmpty()) {
            options.add("-e");
            options.add(String.join(";\n", statements));
        }
        if (hasFile == !statements.isEmpty()) {
            return unsupported(program + " needs a script or statements.", "Give it one of -f and -e.");
        }
        return new LocalStep.Hive(program, ImmutableList.copyOf(options), ImmutableList.copyOf(ignored), properties);
    }

    /** Hive takes its long options with one dash, too. */
    private static String longOption(String arg) {
        return switch (arg) {
            case "-hiveconf", "-hivevar", "-define", "-database" -> "-" + arg;
            default -> arg;
        };
    }

    private static boolean isSwitch(String name) {
        return switch (name) {
            case "-S", "--silent", "-v", "--verbose" -> true;
            default -> false;
        };
    }

    private boolean hasValue(String name) {
        return switch (name) {
            case "-f", "-e", "-i", "-d", "--define", "--hivevar", "--hiveconf", "--database" -> true;
            default -> program.equals(BEELINE) && (name.equals("-u") || CONNECTION.contains(name));
        };
    }

    private void add(String name, boolean isOn) {
        if (isOn) {
            options.add(name.equals("-S") || name.equals("--silent") ? "-S" : "-v");
        }
    }

    private void add(String name, String value) {
        if (program.equals(BEELINE) && CONNECTION.contains(name)) {
            ignored.add(name);
            return;
        }
        switch (name) {
            case "-e" -> statements.add(value);
            case "-u" -> {
                ignored.add(name);
                String database = database(value);
                if (!database.isEmpty()) {
                    add("--database", database);
                }
            }
            case "-d", "--define" -> add("--hivevar", value);
            default -> {
                hasFile = hasFile || name.equals("-f");
                options.add(name);
                options.add(value);
            }
        }
    }

    /** {@code db} of {@code jdbc:hive2://host:port/db;settings}; empty without one. */
    private static String database(String url) {
        String path = url.replaceFirst("^jdbc:hive2://[^/]*/?", "");
        return path.equals(url) ? "" : path.replaceFirst("[;?#].*", "");
    }

    private static LocalStep unsupported(String what, String fix) {
        return new LocalStep.Unsupported(new LocalSupport.Reason(what, fix));
    }
}
