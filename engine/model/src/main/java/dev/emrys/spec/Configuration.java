package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.function.UnaryOperator;

/**
 * EMR's configuration object: a classification such as {@code spark-defaults}, its properties, and nested ones such as
 * {@code export}. See the EMR Release Guide, "Configure applications".
 */
public record Configuration(
        String classification, ImmutableMap<String, String> properties, ImmutableList<Configuration> configurations) {

    void values(ImmutableList.Builder<String> texts) {
        texts.addAll(properties.values());
        configurations.forEach(nested -> nested.values(texts));
    }

    Configuration withValues(UnaryOperator<String> replace) {
        return new Configuration(
                classification,
                ImmutableMap.copyOf(Maps.transformValues(properties, replace::apply)),
                configurations.stream()
                        .map(nested -> nested.withValues(replace))
                        .collect(ImmutableList.toImmutableList()));
    }

    void check(SourceLocation location, Diagnostics diagnostics) {
        diagnostics.unless(!classification.isBlank(), ClusterCode.CONFIGURATION_UNNAMED, location);
        configurations.forEach(nested -> nested.check(location, diagnostics));
    }
}
