package dev.emrys.schedule;

import com.cronutils.model.field.CronFieldName;

/** The fields of an expression, with their ranges. */
enum CronField {
    SECOND("second", 0, 59, 59, CronFieldName.SECOND, "0-59"),
    MINUTE("minute", 0, 59, 59, CronFieldName.MINUTE, "0-59"),
    HOUR("hour", 0, 23, 23, CronFieldName.HOUR, "0-23"),
    /** A hash chooses from 1 to 28, the days that every month has. */
    DAY_OF_MONTH("day of the month", 1, 31, 28, CronFieldName.DAY_OF_MONTH, "1-31, L, L-n, LW or nW"),
    MONTH("month", 1, 12, 12, CronFieldName.MONTH, "1-12 or JAN-DEC"),
    /** 0 and 7 are Sunday; a hash chooses from 0 to 6. */
    DAY_OF_WEEK(
            "day of the week", 0, 7, 6, CronFieldName.DAY_OF_WEEK, "0-7 (0 and 7 are Sunday), SUN-SAT, FRIL or FRI#2");

    final String noun;
    final int lowest;
    final int highest;
    final int highestHashed;
    final CronFieldName name;
    final String values;

    CronField(String noun, int lowest, int highest, int highestHashed, CronFieldName name, String values) {
        this.noun = noun;
        this.lowest = lowest;
        this.highest = highest;
        this.highestHashed = highestHashed;
        this.name = name;
        this.values = values;
    }

    boolean isDay() {
        return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
    }
}
