package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Globally unique ids, and names that are easy to remember. */
final class RunNames {
    private static final int ID_BYTES = 10;

    static final ImmutableList<String> ADJECTIVES = ImmutableList.of(
            "amber", "brave", "brisk", "calm", "clear", "cosy", "crisp", "deft", "early", "fair", "fleet", "fresh",
            "gentle", "glad", "golden", "grand", "green", "happy", "hardy", "keen", "kind", "light", "lively", "lucky",
            "mellow", "merry", "mild", "misty", "neat", "noble", "patient", "plucky", "proud", "quick", "quiet",
            "rapid", "ready", "rosy", "royal", "silver", "smart", "snowy", "solid", "spry", "steady", "still", "sturdy",
            "sunny", "swift", "tidy", "true", "trusty", "vivid", "warm", "wise", "witty", "young", "zesty");

    static final ImmutableList<String> NOUNS = ImmutableList.of(
            "alder", "ash", "badger", "beech", "birch", "brook", "cedar", "crane", "curlew", "dove", "eagle", "elm",
            "falcon", "fern", "finch", "fox", "gull", "hare", "hawk", "hazel", "heron", "holly", "ibis", "ivy", "jay",
            "kestrel", "lark", "linnet", "lynx", "maple", "marten", "merlin", "moss", "newt", "oak", "osprey", "otter",
            "owl", "pine", "plover", "raven", "reed", "robin", "rowan", "salmon", "seal", "sparrow", "stoat", "swan",
            "swift", "teal", "thrush", "trout", "vole", "willow", "wolf", "wren", "yew");

    private RunNames() {}

    static String id(RandomGenerator random) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return "r" + BaseEncoding.base32().encode(bytes).toLowerCase(Locale.ROOT);
    }

    /** @param tries how many names were taken already: from the third on a number makes it new */
    static String name(RandomGenerator random, int tries) {
        String name = ADJECTIVES.get(random.nextInt(ADJECTIVES.size())) + "-" + NOUNS.get(random.nextInt(NOUNS.size()));
        return tries < 3 ? name : name + "-" + random.nextInt(10_000);
    }
}
