package dev.emrys.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** db-scheduler: tasks that are due already, executed by 20 threads with lock-and-fetch, each removed durably. */
final class DbSchedulerCase {
    private static final int TASKS = 20_000;
    private static final int WARM_UP = 5_000;
    private static final int THREADS = 20;
    /** The table of the product's own documentation. */
    static final String TABLE = """
            create table scheduled_tasks (
              task_name text not null, task_instance text not null, task_data bytea,
              execution_time timestamp with time zone not null, picked boolean not null, picked_by text,
              last_success timestamp with time zone, last_failure timestamp with time zone, consecutive_failures int,
              last_heartbeat timestamp with time zone, version bigint not null, priority smallint,
              primary key (task_name, task_instance));
            create index execution_time_idx on scheduled_tasks (execution_time);
            create index last_heartbeat_idx on scheduled_tasks (last_heartbeat)
            """;

    private DbSchedulerCase() {}

    static void measure(HikariDataSource database) throws SQLException, InterruptedException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
        execute(database, WARM_UP, "warm-up");
        double cpuBefore = PeerCases.cpuSeconds();
        double seconds = execute(database, TASKS, "measured");
        double cpu = PeerCases.cpuSeconds() - cpuBefore;
        PeerCases.print("WIDE_DB_SCHEDULER", TASKS / seconds, cpu);
        PeerCases.print("CPU_DB_SCHEDULER", cpu * 1e6 / TASKS, cpu);
    }

    private static double execute(HikariDataSource database, int tasks, String name) throws InterruptedException {
        CountDownLatch executed = new CountDownLatch(tasks);
        OneTimeTask<Void> noop = Tasks.oneTime(name).execute((instance, context) -> executed.countDown());
        Scheduler scheduler = Scheduler.create(database, noop)
                .threads(THREADS)
                .pollUsingLockAndFetch(1.0, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .build();
        List<TaskInstance<?>> due = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            due.add(noop.instance(name + "-" + i));
        }
        scheduler.scheduleBatch(due, Instant.now().minusSeconds(1));
        long begin = System.nanoTime();
        scheduler.start();
        executed.await();
        double seconds = (System.nanoTime() - begin) / 1e9;
        scheduler.stop();
        return seconds;
    }
}
