package dev.emrys.schedule;

/** When a schedule fires: at local times, or in equal intervals of elapsed time. */
public sealed interface Timing permits CronExpression, Interval {

    /** One method per kind. */
    interface Cases<R> {
        R cron(CronExpression cron);

        R interval(Interval interval);
    }

    <R> R accept(Cases<R> cases);
}
