package dev.emrys.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.quartz.CronScheduleBuilder;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

/** 10,000 schedules that are due at the same second, every 20 s; how late each is executed in the third round. */
final class SchedulesCase {
    private static final int SCHEDULES = 10_000;
    private static final int ROUNDS = 3;
    private static final long PERIOD_MILLIS = 20_000;
    private static final double[] MILLIS = new double[ROUNDS * SCHEDULES];
    private static final CountDownLatch ENOUGH = new CountDownLatch(ROUNDS * SCHEDULES);
    private static int count;

    private SchedulesCase() {}

    /** How late an execution begins: after the newest whole period. */
    private static synchronized void executed() {
        if (count < MILLIS.length) {
            MILLIS[count++] = System.currentTimeMillis() % PERIOD_MILLIS;
        }
        ENOUGH.countDown();
    }

    private static synchronized double p99() {
        double[] last = Arrays.copyOfRange(MILLIS, (ROUNDS - 1) * SCHEDULES, MILLIS.length);
        Arrays.sort(last);
        return last[(int) (0.99 * last.length)];
    }

    /** A job without effect. */
    public static final class Noop implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            executed();
        }
    }

    /** Its default store, which is in memory, and its default of ten threads. */
    static void quartz() throws SchedulerException, InterruptedException {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty("org.quartz.threadPool.threadCount", "10");
        org.quartz.Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
        for (int i = 0; i < SCHEDULES; i++) {
            scheduler.scheduleJob(
                    JobBuilder.newJob(Noop.class).withIdentity("j" + i).build(),
                    TriggerBuilder.newTrigger()
                            .withSchedule(CronScheduleBuilder.cronSchedule("0/20 * * * * ?"))
                            .build());
        }
        double before = PeerCases.cpuSeconds();
        scheduler.start();
        ENOUGH.await();
        PeerCases.print("SCHEDULES_LATE_QUARTZ", p99(), PeerCases.cpuSeconds() - before);
        scheduler.shutdown();
    }

    static void dbScheduler(HikariDataSource database) throws SQLException, InterruptedException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(DbSchedulerCase.TABLE);
        }
        List<RecurringTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < SCHEDULES; i++) {
            tasks.add(Tasks.recurring("r" + i, Schedules.cron("*/20 * * * * *"))
                    .execute((instance, context) -> executed()));
        }
        Scheduler scheduler = Scheduler.create(database)
                .startTasks(tasks)
                .threads(20)
                .pollUsingLockAndFetch(1.0, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .build();
        double before = PeerCases.cpuSeconds();
        scheduler.start();
        ENOUGH.await();
        PeerCases.print("SCHEDULES_LATE_DB_SCHEDULER", p99(), PeerCases.cpuSeconds() - before);
        scheduler.stop();
    }
}
