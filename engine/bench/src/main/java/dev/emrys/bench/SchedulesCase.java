package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.schedule.CatchUpPolicy;
import dev.emrys.schedule.CronExpression;
import dev.emrys.schedule.Fires;
import dev.emrys.schedule.Overlap;
import dev.emrys.schedule.Schedule;
import dev.emrys.schedule.ScheduleZone;
import dev.emrys.scheduler.FireResult;
import dev.emrys.scheduler.FireRunner;
import dev.emrys.scheduler.Scheduler;
import dev.emrys.scheduler.SchedulerListener;
import dev.emrys.scheduler.SchedulerThread;
import dev.emrys.scheduler.ServedSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Schedules over an SQLite journal, wired as the daemon wires them, with runs that end at once. A fire is late by the
 * time from its due instant until it is durably recorded.
 */
final class SchedulesCase {
    private static final int SCHEDULES = 10_000;
    private static final int PAST_FIRES = 1_000;
    private static final int MAX_RUNS = 16;
    /** For the code to be compiled. */
    private static final int WARM_UP_ROUNDS = 2;

    /** With those that are measured: in some of them garbage is collected. */
    private static final int ROUNDS = WARM_UP_ROUNDS + 4;

    private static final long IDLE_MILLIS = 30_000;
    private static final double PERCENT = 0.99;

    private SchedulesCase() {}

    /** The journal with past fires is filled once for all rounds. */
    static ImmutableList<Case> cases(Path work, String peers) {
        return ImmutableList.of(
                JvmCase.engine("schedules", JvmCase.DAEMON, Row.SCHEDULES_LATE),
                new ResumeCases(
                        work.resolve("schedules-past-state"),
                        "prepare-schedules-past",
                        JvmCase.engine("schedules-past", JvmCase.DAEMON, Row.SCHEDULES_LATE_PAST)),
                JvmCase.peer("schedules-quartz", peers, Row.SCHEDULES_LATE_QUARTZ),
                JvmCase.peer("schedules-db-scheduler", peers, Row.SCHEDULES_LATE_DB_SCHEDULER),
                JvmCase.engine("schedules-load", JvmCase.DAEMON, Row.SCHEDULES_LOAD, Row.SCHEDULES_IDLE));
    }

    /** Fires of the last years, of each schedule one at each of 1,000 instants. */
    static void prepare(Path folder) throws Exception {
        open(folder).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(SqliteJournal.FILE));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    + (PAST_FIRES * SCHEDULES - 1)
                    + ") INSERT INTO fires SELECT strftime('%Y-%m-%dT%H:%M:%S.000000000Z', 1577836800 + 3600 * (i / "
                    + SCHEDULES + "), 'unixepoch'), 'p' || (i % " + SCHEDULES
                    + ") || '/main', 'schedule', '2020-01-01T00:00', 'Europe/Berlin', '2025a',"
                    + " '2020-01-01T00:00:00.000000000Z', 'succeeded', '', '', '', 'run', 'bench',"
                    + " '2020-01-01T00:00:00.000000000Z', '2020-01-01T00:00:00.000000000Z' FROM n");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    static void measure(Path folder, Row row) throws Exception {
        try (SqliteJournal journal = open(folder)) {
            Lateness lateness = new Lateness();
            ProcessClock clock = new ProcessClock();
            run(journal, schedules("*/20 * * * * *"), lateness, lateness.enough::await);
            new Sample(row, lateness.p99(), clock.cpuSeconds()).print();
        }
    }

    /** A process that finds 10,000 recorded schedules, and then waits. */
    static void load(Path folder) throws Exception {
        try (SqliteJournal journal = open(folder)) {
            Lateness unused = new Lateness();
            run(journal, schedules("0 3 1 1 *"), unused, () -> Thread.sleep(2_000));
        }
        ImmutableList<String> options = ImmutableList.<String>builder()
                .addAll(JvmCase.DAEMON)
                .addAll(ClassArchive.options())
                .build();
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(JvmCase.java(System.getProperty("java.class.path"), options, Child.class.getName()))
                .add(folder.toString())
                .build();
        Process child = new ProcessBuilder(command).inheritIO().start();
        if (child.waitFor() != 0) {
            throw new IllegalStateException("The measured process has failed");
        }
    }

    /** For the class-data archive: loads some schedules twice, and waits for nothing. */
    static void train(Path folder) throws Exception {
        try (SqliteJournal journal = open(folder)) {
            run(journal, schedules("0 3 1 1 *"), new Lateness(), () -> Thread.sleep(1_000));
            run(journal, schedules("0 3 1 1 *"), new Lateness(), () -> Thread.sleep(1_000));
        }
    }

    /** The process that is measured from the first schedule on. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            try (SqliteJournal journal = open(Path.of(args[0]))) {
                ProcessClock clock = new ProcessClock();
                ImmutableList<ServedSchedule> schedules = schedules("0 3 1 1 *");
                Scheduler scheduler = new Scheduler(
                        journal.schedules(),
                        new EndsAtOnce(),
                        InstantSource.system(),
                        "bench",
                        MAX_RUNS,
                        new Lateness(),
                        () -> {});
                scheduler.serve(schedules);
                var unused = scheduler.tick();
                new Sample(Row.SCHEDULES_LOAD, clock.seconds() * 1e3, clock.cpuSeconds()).print();
                run(journal, schedules, new Lateness(), () -> {
                    Thread.sleep(5_000);
                    ProcessClock idle = new ProcessClock();
                    Thread.sleep(IDLE_MILLIS);
                    double cpu = idle.cpuSeconds();
                    new Sample(Row.SCHEDULES_IDLE, cpu * 100 / idle.seconds(), cpu).print();
                });
            }
        }
    }

    private static SqliteJournal open(Path folder) throws Exception {
        Files.createDirectories(folder);
        return SqliteJournal.open(folder, System.err::println);
    }

    private static ImmutableList<ServedSchedule> schedules(String cron) {
        ScheduleZone zone = ScheduleZone.of(ZoneId.of("Europe/Berlin"));
        ImmutableList.Builder<ServedSchedule> all = ImmutableList.builder();
        for (int i = 0; i < SCHEDULES; i++) {
            String id = "p" + i + "/main";
            Fires fires = Fires.of(Schedule.of(id, CronExpression.parse(cron, id), zone));
            all.add(new ServedSchedule("p" + i, "bench", cron, fires, CatchUpPolicy.DEFAULT, new Overlap.Allow(), 0));
        }
        return all.build();
    }

    private interface Wait {
        void done() throws InterruptedException;
    }

    private static void run(
            SqliteJournal journal, ImmutableList<ServedSchedule> schedules, Lateness listener, Wait wait)
            throws InterruptedException {
        InstantSource clock = InstantSource.system();
        try (SchedulerThread thread = new SchedulerThread(clock, Throwable::printStackTrace)) {
            Scheduler scheduler = new Scheduler(
                    journal.schedules(), new EndsAtOnce(), clock, "bench", MAX_RUNS, listener, thread::wakeUp);
            scheduler.serve(schedules);
            thread.start(scheduler);
            wait.done();
            scheduler.stop();
        }
    }

    private static final class EndsAtOnce implements FireRunner {
        @Override
        public CompletableFuture<FireResult> run(ServedSchedule schedule, FireRecord fire) {
            return CompletableFuture.completedFuture(FireResult.of(FireResult.Kind.SUCCEEDED));
        }

        @Override
        public void cancel(String run) {}
    }

    /** The lateness of the measured rounds. */
    private static final class Lateness implements SchedulerListener {
        final CountDownLatch enough = new CountDownLatch(ROUNDS * SCHEDULES);
        private final double[] millis = new double[ROUNDS * SCHEDULES];
        private int count;

        @Override
        public synchronized void decided(FireRecord fire, Duration late) {
            if (count < millis.length) {
                millis[count++] = late.toNanos() / 1e6;
            }
            enough.countDown();
        }

        synchronized double p99() {
            double[] measured = Arrays.copyOfRange(millis, WARM_UP_ROUNDS * SCHEDULES, millis.length);
            Arrays.sort(measured);
            return measured[(int) (PERCENT * measured.length)];
        }

        @Override
        public void ended(FireRecord fire, int failures, int before) {}

        @Override
        public void happened(ScheduleEvent event) {}

        @Override
        public void notNow(FireRecord fire, String reason) {}

        @Override
        public void journalFailed(Throwable failure) {
            failure.printStackTrace();
        }
    }
}
