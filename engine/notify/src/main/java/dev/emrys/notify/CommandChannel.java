package dev.emrys.notify;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command for each notice. It gets the notice as JSON on its standard input, and the fields in the environment
 * variables {@code EMRYS_NOTICE_ID}, {@code _KIND}, {@code _PIPELINE}, {@code _SCHEDULE}, {@code _RUN}, {@code _AT},
 * {@code _TITLE} and {@code _TEXT}; the variable of a field without a value is not set. It otherwise has this process's
 * environment and working folder. Its standard output is dropped.
 *
 * <p>Exit code 0 is success. Any other exit code is retryable, with the end of its standard error as the message: a
 * command must not write secrets there. So is a command that does not start. Its arguments, which may be secrets, are
 * in no message. Thread-safe.
 */
public final class CommandChannel implements Channel {
    /** The default limit, after which the command and its child processes are killed. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    private static final String VARIABLE_PREFIX = "EMRYS_NOTICE_";

    private static final int MESSAGE_LIMIT = 500;

    private final String name;
    private final ImmutableList<String> command;
    private final Duration timeout;

    /** A command with the {@link #DEFAULT_TIMEOUT}. */
    public CommandChannel(String name, List<String> command) {
        this(name, command, DEFAULT_TIMEOUT);
    }

    /**
     * A command.
     *
     * @param name see {@link Channel#name}
     * @param command the program and its arguments; no shell is involved
     * @param timeout after which the command and its child processes are killed
     * @throws IllegalArgumentException if the command is empty
     */
    public CommandChannel(String name, List<String> command, Duration timeout) {
        if (command.isEmpty() || command.get(0).isBlank()) {
            throw new IllegalArgumentException("The command of the channel " + name + " is empty.");
        }
        this.name = name;
        this.command = ImmutableList.copyOf(command);
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void send(Notice notice) throws ChannelException {
        Process process = start(notice);
        CommandStreams streams = CommandStreams.of(process, NoticeJson.bytes(NoticeJson.of(notice)));
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                killTree(process.toHandle());
                throw failure("did not end in " + timeout.toSeconds() + " s", streams);
            }
        } catch (InterruptedException e) {
            killTree(process.toHandle());
            Thread.currentThread().interrupt();
            throw failure("was interrupted", streams);
        }
        if (process.exitValue() != 0) {
            throw failure("ended with exit code " + process.exitValue(), streams);
        }
    }

    private Process start(Notice notice) throws ChannelException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(variable -> variable.startsWith(VARIABLE_PREFIX));
        NoticeJson.of(notice)
                .properties()
                .forEach(field -> environment.put(
                        VARIABLE_PREFIX + Ascii.toUpperCase(field.getKey()),
                        field.getValue().asText()));
        try {
            return builder.start();
        } catch (IOException e) {
            // The message has the program and the error of the operating system, and no argument.
            throw ChannelException.retryable("The command did not start: " + e.getMessage() + ".");
        }
    }

    private ChannelException failure(String what, CommandStreams streams) {
        String errors = Fitted.line(streams.endOfErrors(), MESSAGE_LIMIT);
        return ChannelException.retryable(
                "The command " + command.get(0) + " " + what + (errors.isEmpty() ? "." : ": " + errors));
    }

    /** Each process before its children, so that it starts no more of them. */
    private static void killTree(ProcessHandle process) {
        List<ProcessHandle> children = process.children().toList();
        process.destroyForcibly();
        children.forEach(CommandChannel::killTree);
    }

    @Override
    public String toString() {
        return "command " + name;
    }
}
