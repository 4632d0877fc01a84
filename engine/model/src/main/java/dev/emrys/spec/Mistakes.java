package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Gathers every mistake of a spec, so that an author sees all of them at once. Not thread-safe. */
public final class Mistakes {
    private final Set<Mistake> found = new LinkedHashSet<>();

    public void add(Place place, String what, String mend) {
        found.add(new Mistake(place, what, mend));
    }

    /** Adds the mistake when {@code fine} is false. */
    public void unless(boolean fine, Place place, String what, String mend) {
        if (!fine) {
            add(place, what, mend);
        }
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** In the order of the script. */
    public ImmutableList<Mistake> all() {
        List<Mistake> sorted = new ArrayList<>(found);
        sorted.sort((a, b) -> {
            int byFile = a.place().file().compareTo(b.place().file());
            return byFile != 0
                    ? byFile
                    : Integer.compare(a.place().line(), b.place().line());
        });
        return ImmutableList.copyOf(sorted);
    }

    /** @throws InvalidSpecException when anything was found */
    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new InvalidSpecException(all());
        }
    }
}
