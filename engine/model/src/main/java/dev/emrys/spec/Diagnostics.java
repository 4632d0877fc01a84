package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Gathers every mistake of a spec, so that an author sees all of them at once. Not thread-safe. */
public final class Diagnostics {
    private final Set<Diagnostic> found = new LinkedHashSet<>();

    public void add(SourceLocation location, String what, String fix) {
        found.add(new Diagnostic(location, what, fix));
    }

    /** Adds the mistake when {@code fine} is false. */
    public void unless(boolean fine, SourceLocation location, String what, String fix) {
        if (!fine) {
            add(location, what, fix);
        }
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** In the order of the script. */
    public ImmutableList<Diagnostic> all() {
        List<Diagnostic> sorted = new ArrayList<>(found);
        sorted.sort((a, b) -> {
            int byFile = a.location().file().compareTo(b.location().file());
            return byFile != 0
                    ? byFile
                    : Integer.compare(a.location().line(), b.location().line());
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
