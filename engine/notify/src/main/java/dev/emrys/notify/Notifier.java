package dev.emrys.notify;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Sends notices to channels. Each channel has a queue of its own, in order, so that one that is slow or broken does not
 * hold the others up. A failed attempt is retried as the settings say; what the receiver asks to wait is respected. A
 * channel sends a notice of one id once, as far as {@link SentNotices} remember; it is sent again when only the
 * receiver's reply was lost, or when the process ended between the sending and the remembering.
 *
 * <p>What was not sent is lost when the process ends: the caller sends it again after a restart, under the same id.
 * Thread-safe.
 */
public final class Notifier implements AutoCloseable {
    /** The limit of {@link #close()}. */
    public static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private final ImmutableList<Channel> channels;
    private final ImmutableList<ChannelQueue> queues;
    private final NotifierPorts ports;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * A notifier with ports of the caller.
     *
     * @param channels are closed with the notifier
     * @throws IllegalArgumentException if a channel's name has a form that {@link Channel#name} does not allow, or two
     *     have one name
     */
    public Notifier(List<? extends Channel> channels, NotifierSettings settings, NotifierPorts ports) {
        this(channels, settings, ports, () -> {});
    }

    private Notifier(
            List<? extends Channel> channels, NotifierSettings settings, NotifierPorts ports, Runnable release) {
        checkNames(channels.stream().map(Channel::name).toList());
        this.channels = ImmutableList.copyOf(channels);
        this.queues = channels.stream()
                .map(channel -> new ChannelQueue(channel, settings, ports))
                .collect(ImmutableList.toImmutableList());
        this.ports = ports;
        this.release = release;
    }

    /**
     * A notifier with threads of its own, which are daemons. Its waits do not pass while the machine is suspended.
     *
     * @param channels are closed with the notifier
     * @param warnings see {@link NotifierPorts#warnings}
     * @throws IllegalArgumentException as the constructor
     */
    public static Notifier start(
            List<? extends Channel> channels,
            NotifierSettings settings,
            InstantSource clock,
            SentNotices sent,
            Consumer<String> warnings) {
        NotifierThreads threads = new NotifierThreads(clock);
        NotifierPorts ports = new NotifierPorts(
                clock, threads, threads, () -> ThreadLocalRandom.current().nextDouble(), sent, warnings);
        return new Notifier(channels, settings, ports, threads::close);
    }

    private static void checkNames(List<String> names) {
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "The name of a channel must have 1 to 100 letters, digits, dots, underscores and hyphens.");
            }
        }
        if (names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("Two channels have one name: " + names + ".");
        }
    }

    /** Queues a notice for each channel, and returns at once. After {@link #close} it is dropped with a warning. */
    public void send(Notice notice) {
        boolean dropped = false;
        for (ChannelQueue queue : queues) {
            dropped |= !queue.add(notice);
        }
        if (dropped) {
            ports.warnings().accept("The notice \"" + notice.id() + "\" is not sent: it came after the end.");
        }
    }

    /** Closes with the {@link #CLOSE_LIMIT}. */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /**
     * Sends what is due now, and drops the rest with a warning that counts it: what waits for its next attempt, what is
     * behind that, and what is not sent in time. The first call does that, others do nothing.
     *
     * @param limit how long to wait for the channels
     */
    public void close(Duration limit) {
        if (closed.getAndSet(true)) {
            return;
        }
        await(
                CompletableFuture.allOf(queues.stream().map(ChannelQueue::drain).toArray(CompletableFuture<?>[]::new)),
                limit);
        dropRest();
        release.run();
        channels.forEach(Channel::close);
    }

    private static void await(CompletableFuture<Void> drained, Duration limit) {
        try {
            drained.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The rest is dropped.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void dropRest() {
        String rest = queues.stream()
                .map(queue -> new Rest(queue.name(), queue.stop()))
                .filter(dropped -> dropped.count() > 0)
                .map(Rest::toString)
                .collect(Collectors.joining(", "));
        if (!rest.isEmpty()) {
            ports.warnings().accept("Notices are not sent, because this process ends: " + rest + ".");
        }
    }

    private record Rest(String channel, int count) {
        @Override
        public String toString() {
            return count + " by " + channel;
        }
    }
}
