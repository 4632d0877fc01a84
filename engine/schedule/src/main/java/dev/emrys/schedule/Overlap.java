package dev.emrys.schedule;

/** What happens to a fire while runs of the same schedule are still running. */
public sealed interface Overlap {

    /** One method per kind. */
    interface Cases<R> {
        R skip();

        R bufferOne();

        R bufferAll(BufferAll all);

        R cancelOther();

        R terminateOther();

        R allow();
    }

    <R> R accept(Cases<R> cases);

    /** It is skipped. */
    record Skip() implements Overlap {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.skip();
        }
    }

    /** It starts after the running ones; while one waits, further ones are skipped. */
    record BufferOne() implements Overlap {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.bufferOne();
        }
    }

    /**
     * It starts after the running ones and those that wait already.
     *
     * @param max the most that wait; further ones are skipped
     */
    record BufferAll(int max) implements Overlap {
        /** The largest number that may wait. */
        public static final int MAX = 10_000;

        /** @throws IllegalArgumentException if the maximum is not from 1 to {@link #MAX} */
        public BufferAll {
            if (max < 1 || max > MAX) {
                throw new IllegalArgumentException("The maximum " + max + " is not between 1 and " + MAX + ".");
            }
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.bufferAll(this);
        }
    }

    /** The running ones are cancelled; it starts when they and their clusters have ended. */
    record CancelOther() implements Overlap {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.cancelOther();
        }
    }

    /** The running ones are cancelled; it starts at once, while their clusters end. */
    record TerminateOther() implements Overlap {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.terminateOther();
        }
    }

    /** It starts beside them. */
    record Allow() implements Overlap {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.allow();
        }
    }
}
