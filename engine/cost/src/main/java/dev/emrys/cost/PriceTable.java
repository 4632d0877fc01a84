package dev.emrys.cost;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prices of instances and of EBS volumes in one region at one date. Immutable.
 *
 * <p>The standard table has the on-demand prices of Linux instances in us-east-1 that public tables agreed on in June
 * 2025. Within a family the price is proportional to the size. EMR's own price is a quarter of EC2's, for the families
 * up to the fifth generation at most 0.27 US dollars an hour (<a href="https://aws.amazon.com/emr/pricing/">Amazon EMR
 * pricing</a>): read from several public tables, not from AWS's price list, which needs a network.
 */
public final class PriceTable {
    private static final double EMR_SHARE = 0.25;
    private static final double EMR_MAX = 0.27;
    /** Generations whose EMR price has a maximum. */
    private static final int LAST_CAPPED_GENERATION = 5;

    private static final Pattern TYPE = Pattern.compile("([a-z]+(\\d+)[a-z0-9-]*)\\.(medium|large|(\\d*)xlarge)");
    private static final ImmutableSet<String> MEMBERS =
            ImmutableSet.of("date", "region", "families", "instances", "ebs");
    private static final ImmutableSet<String> INSTANCE_MEMBERS = ImmutableSet.of("ec2", "emr");

    private final LocalDate date;
    private final String region;
    private final ImmutableMap<String, Double> families;
    private final ImmutableMap<String, Instance> instances;
    private final ImmutableMap<String, Double> volumes;
    /** Has what this one lacks. */
    private final @Nullable PriceTable base;

    private record Instance(double ec2, @Nullable Double emr) {}

    private PriceTable(JsonNode root, @Nullable PriceTable base) {
        onlyMembers(root, MEMBERS, "");
        this.date = date(root.path("date"));
        this.region = text(root.path("region"));
        this.families = prices(root, "families");
        this.volumes = prices(root, "ebs");
        ImmutableMap.Builder<String, Instance> all = ImmutableMap.builder();
        members(root, "instances").forEachRemaining(member -> all.put(member.getKey(), instance(member)));
        this.instances = all.buildOrThrow();
        this.base = base;
    }

    /** The table that Emrys has. */
    public static PriceTable standard() {
        return Standard.TABLE;
    }

    /** A command that shows no price does not read it. */
    private static final class Standard {
        static final PriceTable TABLE = read(resource(), null);

        private static String resource() {
            try {
                return Resources.toString(
                        Resources.getResource(PriceTable.class, "prices.json"), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * A table of somebody's own, on top of the standard one, which has what it lacks.
     *
     * @param json such as {@code {"date": "2026-10-01", "region": "eu-central-1", "instances": {"m6g.xlarge": {"ec2":
     *     0.184, "emr": 0.0385}}, "ebs": {"gp3": 0.0952}}}: US dollars an hour, and a month for a GiB. {@code
     *     "families": {"m6g": 0.184}} is the price of a family's {@code xlarge}. Without {@code emr} it is a quarter
     * @throws IllegalArgumentException when it is not a table; the message says what is wrong
     */
    public static PriceTable read(String json) {
        return read(json, standard());
    }

    private static PriceTable read(String json, @Nullable PriceTable base) {
        try {
            JsonNode root = new ObjectMapper()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .readTree(json);
            if (root == null || !root.isObject()) {
                throw new IllegalArgumentException("it is not a JSON object");
            }
            return new PriceTable(root, base);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** When and where the prices are from, for people. */
    public String source() {
        String own = "prices of " + region + " of " + date;
        return base == null ? own : own + ", and where these have none " + base.source();
    }

    public LocalDate date() {
        return date;
    }

    public String region() {
        return region;
    }

    /** Empty when it is not known. */
    public Optional<InstancePrice> instance(String type) {
        Matcher parts = TYPE.matcher(type);
        boolean hasForm = parts.matches();
        Instance own = instances.get(type);
        if (own == null && hasForm) {
            Double xlarge = families.get(parts.group(1));
            own = xlarge == null ? null : new Instance(xlarge * size(parts), null);
        }
        if (own == null) {
            return base == null ? Optional.empty() : base.instance(type);
        }
        double emr = own.emr() != null ? own.emr() : emr(own.ec2(), hasForm ? Integer.parseInt(parts.group(2)) : 0);
        return Optional.of(new InstancePrice(own.ec2(), emr));
    }

    private static double emr(double ec2, int generation) {
        double share = ec2 * EMR_SHARE;
        return generation <= LAST_CAPPED_GENERATION ? Math.min(share, EMR_MAX) : share;
    }

    /** In units of an xlarge. */
    private static double size(Matcher type) {
        String factor = type.group(4);
        if (factor == null) {
            return type.group(3).equals("large") ? 0.5 : 0.25;
        }
        return factor.isEmpty() ? 1 : Integer.parseInt(factor);
    }

    /** How many virtual processors an instance has: 4 for an xlarge. Empty for another form of the name. */
    public OptionalDouble processors(String type) {
        Matcher parts = TYPE.matcher(type);
        return parts.matches() ? OptionalDouble.of(4 * size(parts)) : OptionalDouble.empty();
    }

    /** US dollars for a GiB of an EBS volume and a month; empty when it is not known. */
    public OptionalDouble volume(String type) {
        Double own = volumes.get(type);
        if (own != null) {
            return OptionalDouble.of(own);
        }
        return base == null ? OptionalDouble.empty() : base.volume(type);
    }

    private static Instance instance(Map.Entry<String, JsonNode> member) {
        String path = "instances." + member.getKey();
        onlyMembers(member.getValue(), INSTANCE_MEMBERS, path + ".");
        JsonNode emr = member.getValue().get("emr");
        return new Instance(
                price(path + ".ec2", member.getValue().path("ec2")), emr == null ? null : price(path + ".emr", emr));
    }

    private static ImmutableMap<String, Double> prices(JsonNode root, String name) {
        ImmutableMap.Builder<String, Double> all = ImmutableMap.builder();
        members(root, name)
                .forEachRemaining(
                        member -> all.put(member.getKey(), price(name + "." + member.getKey(), member.getValue())));
        return all.buildOrThrow();
    }

    private static Iterator<Map.Entry<String, JsonNode>> members(JsonNode root, String name) {
        JsonNode value = root.path(name);
        if (!value.isMissingNode() && !value.isObject()) {
            throw new IllegalArgumentException(name + " is not an object");
        }
        return value.properties().iterator();
    }

    private static void onlyMembers(JsonNode value, ImmutableSet<String> known, String path) {
        if (!value.isObject()) {
            throw new IllegalArgumentException(path.replaceAll("\\.$", "") + " is not an object");
        }
        value.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        path + name + " is not known; known are " + String.join(", ", known));
            }
        });
    }

    private static double price(String path, JsonNode value) {
        if (!value.isNumber() || !(value.doubleValue() >= 0) || Double.isInfinite(value.doubleValue())) {
            throw new IllegalArgumentException(path + " is not a price, a number of zero or more");
        }
        return value.doubleValue();
    }

    private static LocalDate date(JsonNode value) {
        try {
            return LocalDate.parse(value.asText());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("date is not a date such as 2026-10-01", e);
        }
    }

    private static String text(JsonNode value) {
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new IllegalArgumentException("region is missing");
        }
        return value.textValue();
    }
}
