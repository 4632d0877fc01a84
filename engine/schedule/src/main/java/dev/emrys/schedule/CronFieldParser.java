package dev.emrys.schedule;

import com.cronutils.model.field.constraint.FieldConstraintsBuilder;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.value.FieldValue;
import com.cronutils.parser.CronParserField;
import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses one field. cron-utils splits an element of a list into values, ranges, steps and special characters. Ours is
 * what cron-utils 9.2.1 lacks or gets wrong:
 *
 * <ul>
 *   <li>the hash {@code H}, which it does not know: the numbers are computed here;
 *   <li>the form of an element: cron-utils drops what it does not expect ({@code 1-5/2/3}, {@code 5LL}, {@code 1W5} as
 *       15W, the empty last element of {@code 1,2,}), accepts {@code /5} and {@code +5}, and ends {@code 1#} and {@code
 * 1-5/} with an
 *       ArrayIndexOutOfBoundsException;
 *   <li>lower-case names, which it refuses;
 *   <li>the ranges: its own check lets {@code MON#7} pass, and it treats SUN, which is 7, as later than WED in SUN-WED;
 *   <li>L alone as the day of the week: cron-utils takes it for Saturday or Sunday, by the dialect (its issue 716), so
 *       it is refused;
 *   <li>messages with the position of what is wrong.
 * </ul>
 */
final class CronFieldParser {
    private static final String NUMBER = "[0-9]{1,9}";
    private static final String VALUE = "(" + NUMBER + "|[A-Z]+)";
    private static final Pattern PLAIN =
            Pattern.compile("(?:\\*|" + VALUE + "(?:-" + VALUE + ")?)(?:/(" + NUMBER + "))?");
    private static final Pattern HASH =
            Pattern.compile("H(?:\\((" + NUMBER + ")-(" + NUMBER + ")\\))?(?:/(" + NUMBER + "))?");
    private static final CharMatcher DAY_LETTERS = CharMatcher.anyOf("LW#");
    private static final Pattern OF_MONTH = Pattern.compile("LW?|L-(" + NUMBER + ")|(" + NUMBER + ")W");
    private static final Pattern OF_WEEK = Pattern.compile("(" + NUMBER + "|[A-Z]{3})(?:L|#(" + NUMBER + "))");

    /** cron-utils says nothing about threads; its parsers have no mutable state. */
    private static final ImmutableMap<CronField, CronParserField> PARSERS =
            Maps.toMap(EnumSet.allOf(CronField.class), CronFieldParser::library);

    private static final ImmutableSet<String> MONTHS =
            ImmutableSet.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final ImmutableSet<String> WEEKDAYS =
            ImmutableSet.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private final CronField field;
    private final String hashSeed;

    private long bits;
    private CronFields.MonthDays special = DaySet.numbers(0);
    private boolean wildcard = true;

    private CronFieldParser(CronField field, String hashSeed) {
        this.field = field;
        this.hashSeed = hashSeed;
    }

    private static CronParserField library(CronField field) {
        return new CronParserField(
                field.name,
                FieldConstraintsBuilder.instance()
                        .forField(field.name)
                        .withValidRange(field.lowest, field.highest)
                        .addLSupport()
                        .addWSupport()
                        .addLWSupport()
                        .addHashSupport()
                        .addQuestionMarkSupport()
                        .createConstraintsInstance());
    }

    /**
     * What a field says.
     *
     * @param bits the values; Sunday is 0
     * @param special the days by L, W and #
     * @param restricted whether the field does not begin with {@code *} or {@code ?}, as crontab(5) of Debian says
     * @param wildcard whether it is {@code *}, <code>*&#47;n</code> or {@code H/n}, or has every value
     * @param all whether it has every value
     */
    record Parsed(long bits, CronFields.MonthDays special, boolean restricted, boolean wildcard, boolean all) {}

    static Parsed parse(CronField field, CronText text, String hashSeed) {
        CronFieldParser parser = new CronFieldParser(field, hashSeed);
        String written = text.asWritten();
        if (written.equals("?") && !field.isDay()) {
            throw text.error("? is only for the two day fields", "Write * for every " + field.noun + ".");
        }
        if (written.equals("?") || written.equals("*")) {
            // Most fields are this, so many schedules load faster without the library here.
            return new Parsed(parser.all(), parser.special, false, true, true);
        }
        text.elements().forEach(parser::add);
        boolean restricted = !written.startsWith("*");
        boolean all = parser.bits == parser.all();
        return new Parsed(parser.bits, parser.special, restricted, parser.wildcard || all, all);
    }

    private void add(CronText element) {
        String text = element.upper();
        if (text.startsWith("H")) {
            addHashed(element, text);
        } else if (matchesDayForm(text)) {
            wildcard = false;
            addSpecial(element, text);
        } else {
            addPlain(element, text);
        }
    }

    private boolean matchesDayForm(String text) {
        return field.isDay()
                && DAY_LETTERS.matchesAnyOf(text)
                && (field == CronField.DAY_OF_MONTH ? OF_MONTH : OF_WEEK)
                        .matcher(text)
                        .matches();
    }

    private void addPlain(CronText element, String text) {
        Matcher form = PLAIN.matcher(text);
        if (!form.matches()) {
            throw malformed(element, text);
        }
        checkNames(element, form);
        FieldExpression parsed = split(text);
        int step = 1;
        if (parsed instanceof Every every) {
            step = every.getPeriod().getValue();
            checkStep(step, element.part(form.start(3), form.end(3)), span());
            parsed = every.getExpression();
        }
        wildcard &= parsed instanceof Always;
        if (parsed instanceof Always) {
            addRange(field.lowest, highest(), step);
        } else if (parsed instanceof Between range) {
            int from = inRange(number(range.getFrom()), element, form, 1);
            int to = inRange(number(range.getTo()), element, form, 2);
            addOrdered(element, form, from, to, step);
        } else {
            int value = inRange(((On) parsed).getTime().getValue(), element, form, 1);
            addRange(value, form.group(3) == null ? value : field.highest, step);
        }
    }

    private void addOrdered(CronText element, Matcher form, int from, int to, int step) {
        int start = from;
        int end = to;
        if (field == CronField.DAY_OF_WEEK) {
            // SUN is 7 for cron-utils: before MON where it begins a range, after SAT where it ends one, as is 0.
            start = from == 7 && to < 7 ? 0 : from;
            end = to == 0 && from > 0 ? 7 : to;
        }
        if (start > end) {
            boolean named = Character.isLetter(element.asWritten().charAt(0)) && !names().isEmpty();
            String last = named ? names().asList().get(names().size() - 1) : String.valueOf(highest());
            String first = named ? names().asList().get(0) : String.valueOf(field.lowest);
            throw element.error(
                    "The range " + element.asWritten() + " ends before it starts",
                    "Write it as two ranges: " + form.group(1) + "-" + last + "," + first + "-" + form.group(2) + ".");
        }
        addRange(start, end, step);
    }

    private void addSpecial(CronText element, String text) {
        if (field == CronField.DAY_OF_MONTH) {
            special = DaySet.either(special, ofMonth(element, text));
        } else {
            special = DaySet.either(special, ofWeek(element, text));
        }
    }

    private CronFields.MonthDays ofMonth(CronText element, String text) {
        Matcher form = OF_MONTH.matcher(text);
        form.matches();
        On on = (On) split(text);
        return switch (on.getSpecialChar().getValue()) {
            case LW -> DaySet.lastWorkday();
            case W -> DaySet.nearestWorkday(inRange(on.getTime().getValue(), element, form, 2));
            default -> {
                int before = Math.max(0, on.getNth().getValue());
                if (before > 30) {
                    throw element.part(form.start(1), form.end(1))
                            .error(
                                    "No month has a day that is " + before + " days before its last one",
                                    "Write L-1 to L-30.");
                }
                yield DaySet.last(before);
            }
        };
    }

    private CronFields.MonthDays ofWeek(CronText element, String text) {
        Matcher form = OF_WEEK.matcher(text);
        form.matches();
        checkName(element, form, 1);
        On on = (On) split(text);
        int weekday = inRange(on.getTime().getValue(), element, form, 1) % 7;
        if (form.group(2) == null) {
            return DaySet.lastOf(weekday);
        }
        int nth = on.getNth().getValue();
        if (nth < 1 || nth > 5) {
            throw element.part(form.start(2), form.end(2))
                    .error(
                            "A month has no weekday number " + nth,
                            "Write #1 to #5, or " + form.group(1) + "L for the last one.");
        }
        return DaySet.nth(weekday, nth);
    }

    private void addHashed(CronText element, String text) {
        Matcher form = HASH.matcher(text);
        if (!form.matches()) {
            throw element.error("\"" + element.asWritten() + "\" is not a hash", "Write H, H(a-b), H/n or H(a-b)/n.");
        }
        int from = field.lowest;
        int to = field.highestHashed;
        if (form.group(1) != null) {
            from = inRange(Integer.parseInt(form.group(1)), element, form, 1);
            to = inRange(Integer.parseInt(form.group(2)), element, form, 2);
            if (from > to) {
                throw element.error("The range of the hash ends before it starts", "Write H(" + to + "-" + from + ").");
            }
        }
        int size = to - from + 1;
        if (form.group(3) == null) {
            wildcard = false;
            addRange(from + hash(size), from + hash(size), 1);
            return;
        }
        wildcard &= form.group(1) == null;
        int step = Integer.parseInt(form.group(3));
        CronText written = element.part(form.start(3), form.end(3));
        checkStep(step, written, size);
        if (step == 1) {
            // Jenkins takes H/1 for H, one value, which is not what it says.
            throw written.error("H/1 can be misunderstood", "Write H for one value, * for every value.");
        }
        addRange(from + hash(step), to, step);
    }

    private FieldExpression split(String element) {
        return Objects.requireNonNull(PARSERS.get(field)).parse(element).getExpression();
    }

    /**
     * A number below {@code bound} that depends on the seed and the field only. FarmHash's fingerprint never changes.
     */
    private int hash(int bound) {
        long hash = Hashing.farmHashFingerprint64()
                .hashString(hashSeed + "/" + field.name(), StandardCharsets.UTF_8)
                .asLong();
        return (int) Long.remainderUnsigned(hash, bound);
    }

    private void addRange(int from, int to, int step) {
        for (int value = from; value <= to; value += step) {
            bits |= 1L << (field == CronField.DAY_OF_WEEK ? value % 7 : value);
        }
    }

    /** Without the second number of Sunday. */
    private int highest() {
        return field == CronField.DAY_OF_WEEK ? 6 : field.highest;
    }

    private int span() {
        return highest() - field.lowest + 1;
    }

    private long all() {
        return ((1L << span()) - 1) << field.lowest;
    }

    private static int number(FieldValue<?> value) {
        return (Integer) value.getValue();
    }

    private int inRange(int value, CronText element, Matcher form, int group) {
        if (value < field.lowest || value > field.highest) {
            throw element.part(form.start(group), form.end(group))
                    .error("The " + field.noun + " " + value + " is out of range", "Write " + field.values + ".");
        }
        return value;
    }

    private void checkStep(int step, CronText written, int size) {
        if (step < 1 || step > size) {
            throw written.error(
                    "The step " + step + " of the " + field.noun + " is out of range",
                    "Write a step from 1 to " + size + ", or an interval for a longer period.");
        }
    }

    private void checkNames(CronText element, Matcher form) {
        for (int group = 1; group <= 2; group++) {
            checkName(element, form, group);
        }
    }

    private void checkName(CronText element, Matcher form, int group) {
        String name = form.group(group);
        if (name == null || Character.isDigit(name.charAt(0)) || names().contains(name)) {
            return;
        }
        CronText written = element.part(form.start(group), form.end(group));
        if (name.length() > 3 && names().contains(name.substring(0, 3))) {
            throw written.error("Names have three letters", "Write " + name.substring(0, 3) + ".");
        }
        throw malformed(written, name);
    }

    private ImmutableSet<String> names() {
        return switch (field) {
            case MONTH -> MONTHS;
            case DAY_OF_WEEK -> WEEKDAYS;
            case SECOND, MINUTE, HOUR, DAY_OF_MONTH -> ImmutableSet.of();
        };
    }

    private CronSyntaxException malformed(CronText element, String text) {
        if (text.isEmpty()) {
            return element.error("An element of the list is missing", "Remove the comma, or write a value.");
        }
        if (text.equals("?")) {
            return element.error("? cannot be part of a list", "Write ? alone, or only the values.");
        }
        if (text.equals("L") && field == CronField.DAY_OF_WEEK) {
            return element.error(
                    "L alone means different weekdays in different cron dialects",
                    "Write SAT for every Saturday, SATL for the last one of the month.");
        }
        if (text.contains("~")) {
            return element.error("A random value is not possible: fires must not change", "Write H(a-b).");
        }
        if (OF_MONTH.matcher(text).matches()) {
            return element.error("L and W are not for the " + field.noun, "Write them in the day of the month.");
        }
        if (OF_WEEK.matcher(text).matches()) {
            return element.error(
                    "L and # with a value are not for the " + field.noun, "Write them in the day of the week.");
        }
        return element.error(
                "\"" + element.asWritten() + "\" is not a " + field.noun,
                "Write *, a value (" + field.values + "), a range a-b, a step */n, or a list of these.");
    }
}
