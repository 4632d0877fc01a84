package dev.emrys.schedule;

import java.time.Duration;

/** How the instant of a fire follows from its nominal local time. */
public sealed interface FireKind {

    /** One method per kind. */
    interface Cases<R> {
        R regular();

        R shifted(Shifted shifted);

        R firstOfRepeated();

        R secondOfRepeated();
    }

    <R> R accept(Cases<R> cases);

    /** The local time exists once; also every fire of an interval. */
    record Regular() implements FireKind {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.regular();
        }
    }

    /**
     * The local time lies in a gap.
     *
     * @param by the length of the gap, by which the fire is later than its nominal time
     */
    record Shifted(Duration by) implements FireKind {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.shifted(this);
        }
    }

    /** The first occurrence of a repeated local time. */
    record FirstOfRepeated() implements FireKind {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.firstOfRepeated();
        }
    }

    /** The second occurrence of a repeated local time. */
    record SecondOfRepeated() implements FireKind {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.secondOfRepeated();
        }
    }
}
