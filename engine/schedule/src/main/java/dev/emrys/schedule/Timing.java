package dev.emrys.schedule;

/** When a schedule fires: at local times, in equal intervals of elapsed time, or when something happens. */
public sealed interface Timing permits CronExpression, Interval, Trigger {

    /** One method per kind. */
    interface Cases<R> {
        R cron(CronExpression cron);

        R interval(Interval interval);

        R afterSuccess(AfterSuccess success);

        R arrival(Arrival arrival);
    }

    <R> R accept(Cases<R> cases);
}
