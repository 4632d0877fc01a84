package dev.emrys.schedule;

/** Which of the fires that were missed, while nothing ran the schedule, are started afterwards. */
public sealed interface CatchUp {

    /** One method per kind. */
    interface Cases<R> {
        R none();

        R last();

        R all(All all);
    }

    <R> R accept(Cases<R> cases);

    /** None of them. */
    record None() implements CatchUp {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.none();
        }
    }

    /** The last one only, and not even that one if a fire that is on time follows it. */
    record Last() implements CatchUp {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.last();
        }
    }

    /**
     * All of them, the oldest first.
     *
     * @param max the most that are started; the newest are kept
     */
    record All(int max) implements CatchUp {

        /** The largest maximum: the fires are listed in memory. */
        public static final int MAX = 10_000;

        /** @throws IllegalArgumentException if the maximum is not from 1 to {@link #MAX} */
        public All {
            if (max < 1 || max > MAX) {
                throw new IllegalArgumentException("The maximum " + max + " is not between 1 and " + MAX + ".");
            }
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.all(this);
        }
    }
}
