package dev.emrys.local;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log of the owner process: slf4j's messages go through java.util.logging to a file in the account's folder,
 * rotated at 1 MB, three files in all. Warnings of all libraries, and messages of Emrys from INFO on.
 */
final class OwnerLog implements AutoCloseable {
    private static final int MAX_BYTES = 1_000_000;
    private static final int FILES = 3;
    private static final String JUL_PROVIDER = "org.slf4j.jul.JULServiceProvider";
    private static final String NOP_PROVIDER = "org.slf4j.nop.NOPServiceProvider";

    /** A strong reference: java.util.logging forgets the level of a logger that nothing refers to. */
    private final Logger emrys = Logger.getLogger("dev.emrys");

    /** They warn of each malformed Host header, so that every user of the machine could fill the log. */
    private final ImmutableList<Logger> parsers = ImmutableList.of(
            Logger.getLogger("org.eclipse.jetty.util.HostPort"), Logger.getLogger("org.eclipse.jetty.http.HttpParser"));

    private final Logger root = Logger.getLogger("");
    private final OwnerLogHandler file;

    /**
     * Opens the log. Has an effect only on slf4j loggers that are created later, and only if slf4j-jdk14 is on the
     * class path.
     *
     * @throws IOException when the file cannot be written
     */
    OwnerLog(Account account) throws IOException {
        useProvider(JUL_PROVIDER);
        file = new OwnerLogHandler(account.folder(), FILES, MAX_BYTES);
        file.setFormatter(new LineFormatter());
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(file);
        root.setLevel(Level.WARNING);
        emrys.setLevel(Level.INFO);
        parsers.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    /** Switches slf4j off in this process, if slf4j-nop is on the class path. */
    static void disable() {
        useProvider(NOP_PROVIDER);
    }

    /** Named, because the class path may contain several providers. */
    private static void useProvider(String className) {
        try {
            Class.forName(className, false, OwnerLog.class.getClassLoader());
            System.setProperty("slf4j.provider", className);
            // Otherwise slf4j prints which provider it loads.
            System.setProperty("slf4j.internal.verbosity", "WARN");
        } catch (ClassNotFoundException e) {
            return; // slf4j chooses a provider itself.
        }
    }

    @Override
    public void close() {
        root.removeHandler(file);
        file.close();
    }

    private static final class LineFormatter extends Formatter {
        @Override
        public String format(LogRecord message) {
            Throwable thrown = message.getThrown();
            return message.getInstant() + " " + message.getLevel() + " " + message.getLoggerName() + " "
                    + formatMessage(message) + "\n" + (thrown == null ? "" : Throwables.getStackTraceAsString(thrown));
        }
    }
}
