package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects every diagnostic of a spec, so that an author sees all of them at once. A diagnostic that is added twice is
 * kept once. Not thread-safe.
 */
public final class Diagnostics {
    private static final Comparator<Diagnostic> SCRIPT_ORDER = Comparator.comparing(
                    (Diagnostic diagnostic) -> diagnostic.location().file())
            .thenComparingInt(diagnostic -> diagnostic.location().line())
            .thenComparingInt(diagnostic -> diagnostic.location().column());

    private final Set<Diagnostic> found = new LinkedHashSet<>();

    public void add(Diagnostic diagnostic) {
        found.add(diagnostic);
    }

    public void addAll(Iterable<Diagnostic> diagnostics) {
        diagnostics.forEach(found::add);
    }

    /** @param arguments what the code's texts name as {@code {0}}, {@code {1}} and so on */
    public void add(DiagnosticCode code, SourceLocation location, Object... arguments) {
        found.add(code.at(location, arguments));
    }

    /**
     * Adds the diagnostic when {@code fine} is false. No text is built otherwise, so arguments are values, not texts
     * made of them.
     */
    public void unless(boolean fine, DiagnosticCode code, SourceLocation location, Object... arguments) {
        if (!fine) {
            add(code, location, arguments);
        }
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    public boolean hasErrors() {
        return found.stream().anyMatch(Diagnostic::isError);
    }

    /** Errors and warnings, in the order of the script. */
    public ImmutableList<Diagnostic> all() {
        List<Diagnostic> sorted = new ArrayList<>(found);
        sorted.sort(SCRIPT_ORDER);
        return ImmutableList.copyOf(sorted);
    }

    /** The warnings among {@link #all}. */
    public ImmutableList<Diagnostic> warnings() {
        return all().stream().filter(diagnostic -> !diagnostic.isError()).collect(ImmutableList.toImmutableList());
    }

    /** The errors among {@link #all}. */
    public ImmutableList<Diagnostic> errors() {
        return all().stream().filter(Diagnostic::isError).collect(ImmutableList.toImmutableList());
    }

    /** @throws InvalidSpecException when an error was found; warnings alone do not count */
    public void throwIfAny() {
        if (hasErrors()) {
            throw new InvalidSpecException(all());
        }
    }
}
