package dev.emrys.local;

import java.lang.management.ManagementFactory;

/** How many steps an account runs at the same time on this machine, unless the user says another number. */
public final class MachineSize {
    /** The greatest number that a user may say. */
    public static final int MOST_STEPS = 1000;

    private static final int PER_PROCESSOR = 2;
    private static final int LEAST_STEPS = 2;

    /**
     * What the JVM of a usual step takes at most, in MiB: a heap of 1 GiB, the default of a driver's memory, and what
     * a JVM needs beside it.
     */
    private static final long STEP_MEBIBYTES = 1536;

    private MachineSize() {}

    /** That of the machine, or of the container whose limits the JVM sees. */
    public static int steps() {
        long memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : Long.MAX_VALUE;
        return steps(Runtime.getRuntime().availableProcessors(), memory);
    }

    /**
     * Two per processor, as far as the memory is enough for a JVM of each, and at least two: a step may wait for what
     * another one does.
     */
    static int steps(int processors, long memoryBytes) {
        long inMemory = memoryBytes / (STEP_MEBIBYTES << 20);
        return (int) Math.max(LEAST_STEPS, Math.min((long) PER_PROCESSOR * processors, Math.min(inMemory, MOST_STEPS)));
    }
}
