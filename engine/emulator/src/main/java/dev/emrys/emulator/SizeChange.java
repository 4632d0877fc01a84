package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of the number of instances of a group, or of the instances of a fleet that have one market.
 *
 * @param partId see {@link #ofFleet}; of a group its id
 * @param before how many instances were ready when it was asked for
 * @param after how many there shall be
 * @param endsAt when all that are added are ready, and all that are removed have ended, unless another change comes
 *     before
 */
record SizeChange(String partId, int before, int after, Instant at, Instant endsAt) {

    /** The newest one of a part; null for none. */
    static @Nullable SizeChange last(ImmutableList<SizeChange> changes, String partId) {
        return changes.reverse().stream()
                .filter(change -> change.partId.equals(partId))
                .findFirst()
                .orElse(null);
    }

    /** How many instances are ready: they start, and end, one after the other. */
    int ready(Instant now) {
        if (!now.isBefore(endsAt)) {
            return after;
        }
        long passed = Math.max(0, Duration.between(at, now).toMillis());
        long all = Duration.between(at, endsAt).toMillis();
        return before + (int) ((after - before) * passed / all);
    }

    /** When the instance at a position that is added is ready. */
    private Instant readyAt(int index) {
        long all = Duration.between(at, endsAt).toMillis();
        int added = after - before;
        return at.plusMillis((all * (index - before + 1) + added - 1) / added);
    }

    /** The part of a fleet that has a market. */
    static String ofFleet(String fleetId, Object market) {
        return fleetId + "/" + market;
    }

    /**
     * The newest instance at a position of a group or fleet. EMR gives each new instance an id of its own, also where
     * an earlier one was removed.
     *
     * @param number how many instances were started there before it
     * @param created null if it came with the group or fleet
     * @param ready null if it came with the group or fleet
     */
    record Occupant(
            int number, @Nullable Instant created, @Nullable Instant ready) {}

    /** @param changes of all parts, in the order of time */
    static Occupant occupant(ImmutableList<SizeChange> changes, String partId, int index) {
        Occupant occupant = new Occupant(0, null, null);
        SizeChange last = null;
        for (SizeChange change : changes) {
            if (!change.partId.equals(partId)) {
                continue;
            }
            boolean isStarting =
                    last != null && change.at.isBefore(last.endsAt) && index >= change.before && index < last.after;
            if (index < change.after && index >= change.before) {
                occupant = new Occupant(
                        occupant.number + (isStarting ? 0 : 1),
                        isStarting ? occupant.created : change.at,
                        change.readyAt(index));
            }
            last = change;
        }
        return occupant;
    }
}
