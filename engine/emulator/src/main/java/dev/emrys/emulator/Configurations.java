package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.emr.model.Configuration;

/** Combines lists of configurations. */
final class Configurations {

    private Configurations() {}

    /**
     * {@code before}, with the properties of the same classifications replaced and added as {@code change} says, at
     * every level.
     */
    static ImmutableList<Configuration> merged(List<Configuration> before, List<Configuration> change) {
        Map<String, Configuration> merged = new LinkedHashMap<>();
        before.forEach(one -> merged.put(String.valueOf(one.classification()), one));
        change.forEach(one -> merged.merge(String.valueOf(one.classification()), one, Configurations::merged));
        return ImmutableList.copyOf(merged.values());
    }

    private static Configuration merged(Configuration before, Configuration change) {
        Map<String, String> properties = new LinkedHashMap<>(before.properties());
        properties.putAll(change.properties());
        Configuration.Builder merged = before.toBuilder().properties(properties);
        if (before.hasConfigurations() || change.hasConfigurations()) {
            merged.configurations(merged(before.configurations(), change.configurations()));
        }
        return merged.build();
    }
}
