package dev.emrys.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** DBOS Transact: many small workflows at once, and one long one whose steps follow each other. */
final class DbosCase {
    private static final int WORKFLOWS = 2_048;
    private static final int STEPS = 3;
    private static final int THREADS = 64;
    private static final int CHAIN = 2_000;

    private DbosCase() {}

    /** The product needs an interface, to intercept its calls. */
    public interface Noops {
        /** @return when each step had ended, in nanoseconds */
        long[] run(int steps);
    }

    /** Registered with DBOS. */
    public static final class NoopSteps implements Noops {
        private final DBOS dbos;

        NoopSteps(DBOS dbos) {
            this.dbos = dbos;
        }

        @Override
        @Workflow(name = "noops")
        public long[] run(int steps) {
            long[] ended = new long[steps];
            for (int i = 0; i < steps; i++) {
                dbos.runStep(() -> {}, "noop");
                ended[i] = System.nanoTime();
            }
            return ended;
        }
    }

    static void measure(HikariDataSource database) throws InterruptedException {
        try (DBOS dbos = new DBOS(DBOSConfig.defaults("bench").withDataSource(database))) {
            Noops noops = dbos.registerProxy(Noops.class, new NoopSteps(dbos));
            dbos.launch();
            wide(noops);
            double cpuBefore = PeerCases.cpuSeconds();
            double seconds = wide(noops);
            double cpu = PeerCases.cpuSeconds() - cpuBefore;
            PeerCases.print("WIDE_DBOS", WORKFLOWS * STEPS / seconds, cpu);
            PeerCases.print("CPU_DBOS", cpu * 1e6 / (WORKFLOWS * STEPS), cpu);

            noops.run(CHAIN);
            double cpuBeforeChain = PeerCases.cpuSeconds();
            long[] ended = noops.run(CHAIN);
            PeerCases.print("CHAIN_DBOS", medianMillis(ended), PeerCases.cpuSeconds() - cpuBeforeChain);
        }
    }

    private static double wide(Noops noops) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        long begin = System.nanoTime();
        for (int i = 0; i < WORKFLOWS; i++) {
            threads.execute(() -> noops.run(STEPS));
        }
        threads.shutdown();
        if (!threads.awaitTermination(5, TimeUnit.MINUTES)) {
            throw new IllegalStateException("The workflows have not ended after 5 minutes");
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double medianMillis(long[] ended) {
        double[] millis = new double[ended.length - 1];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = (ended[i + 1] - ended[i]) / 1e6;
        }
        Arrays.sort(millis);
        return millis[millis.length / 2];
    }
}
