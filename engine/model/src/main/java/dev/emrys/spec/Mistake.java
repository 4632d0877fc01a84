package dev.emrys.spec;

/**
 * One mistake of an author: what is wrong, where it stands, and how to mend it.
 *
 * @param place where in the script
 * @param what one sentence that names the thing and says what is wrong with it
 * @param mend one sentence that says what to write instead; empty when {@code what} already says it
 */
public record Mistake(Place place, String what, String mend) {

    @Override
    public String toString() {
        return place + ": " + what + (mend.isEmpty() ? "" : "\n    " + mend);
    }
}
