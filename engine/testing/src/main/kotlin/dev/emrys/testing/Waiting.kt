package dev.emrys.testing

import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/**
 * Waits for a condition that has no callback, such as a file or the end of a process.
 *
 * @throws IllegalStateException when it does not hold in time
 */
public fun awaitUntil(what: String, seconds: Long = 90, condition: () -> Boolean) {
    val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)
    while (!condition()) {
        check(System.nanoTime() < deadline) { "not within $seconds s: $what" }
        LockSupport.parkNanos(5_000_000)
    }
}
