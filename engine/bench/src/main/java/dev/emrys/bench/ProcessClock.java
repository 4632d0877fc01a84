package dev.emrys.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Wall-clock and CPU time of this process since a moment. */
final class ProcessClock {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final long beginNanos = System.nanoTime();
    private final long beginCpuNanos = SYSTEM.getProcessCpuTime();

    double seconds() {
        return (System.nanoTime() - beginNanos) / 1e9;
    }

    /** The garbage collector's and the just-in-time compiler's time included. */
    double cpuSeconds() {
        return (SYSTEM.getProcessCpuTime() - beginCpuNanos) / 1e9;
    }

    static double secondsSinceStartOfJvm() {
        return (System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime())
                / 1e3;
    }

    static double cpuSecondsSinceStartOfJvm() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }
}
