package dev.emrys.notify;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * What a notifier depends on. All are called from several threads.
 *
 * @param executor runs attempts, which block; at most one for each channel at a time
 * @param random for the waits, from 0 to 1
 * @param sent where notices are remembered
 * @param warnings receives messages about notices that are retried or not sent, without secrets. It returns at once and
 *     throws nothing
 */
public record NotifierPorts(
        InstantSource clock,
        RetryTimer timer,
        Executor executor,
        DoubleSupplier random,
        SentNotices sent,
        Consumer<String> warnings) {}
