package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;

/** A script that EMR runs on every instance before the applications start. */
public record BootstrapAction(String name, String path, ImmutableList<String> args) {

    BootstrapAction withArgs(UnaryOperator<String> replace) {
        return new BootstrapAction(name, path, args.stream().map(replace).collect(ImmutableList.toImmutableList()));
    }

    BootstrapAction withTexts(UnaryOperator<String> replace) {
        return new BootstrapAction(name, replace.apply(path), withArgs(replace).args());
    }
}
