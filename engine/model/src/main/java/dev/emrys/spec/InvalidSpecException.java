package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;

/** The author's mistakes, all at once. Nothing was started when this is thrown. */
public final class InvalidSpecException extends RuntimeException {
    private final transient ImmutableList<Mistake> mistakes;

    public InvalidSpecException(ImmutableList<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n")));
        this.mistakes = mistakes;
    }

    public ImmutableList<Mistake> mistakes() {
        return mistakes;
    }
}
