package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the instances are and what may reach them.
 *
 * @param subnetIds of which EMR chooses one, for instance fleets; empty for the one subnet of the cluster
 * @param availabilityZones of which EMR chooses one; empty to leave it to EMR
 * @param primarySecurityGroup null for the one that EMR makes, as the next two
 * @param coreSecurityGroup also that of the task instances
 * @param serviceAccessSecurityGroup needed for a cluster in a private subnet
 * @param additionalPrimarySecurityGroups added to the one above
 * @param additionalCoreSecurityGroups added to the one above
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NetworkOptions(
        ImmutableList<String> subnetIds,
        ImmutableList<String> availabilityZones,
        @Nullable String primarySecurityGroup,
        @Nullable String coreSecurityGroup,
        @Nullable String serviceAccessSecurityGroup,
        ImmutableList<String> additionalPrimarySecurityGroups,
        ImmutableList<String> additionalCoreSecurityGroups) {

    /** Nothing said. */
    public static final NetworkOptions NONE = new NetworkOptions(
            ImmutableList.of(), ImmutableList.of(), null, null, null, ImmutableList.of(), ImmutableList.of());

    private static final Pattern SUBNET = Pattern.compile("subnet-[0-9a-z]+");
    private static final Pattern ZONE = Pattern.compile("[a-z]{2,8}(-[a-z0-9]+)+[a-z]");
    private static final Pattern GROUP = Pattern.compile("sg-[0-9a-z]+");
    private static final String GROUP_EXAMPLE = "the id of a security group, such as \"sg-0a1b2c3d\"";

    /** The same groups at another place. */
    NetworkOptions at(ImmutableList<String> subnets, ImmutableList<String> zones) {
        return new NetworkOptions(
                subnets,
                zones,
                primarySecurityGroup,
                coreSecurityGroup,
                serviceAccessSecurityGroup,
                additionalPrimarySecurityGroups,
                additionalCoreSecurityGroups);
    }

    void check(ClusterFacts cluster, MemberCheck check) {
        subnetIds.forEach(
                subnet -> check.form("subnets", subnet, SUBNET, "the id of a subnet, such as \"subnet-0a1b2c3d\""));
        availabilityZones.forEach(
                zone -> check.form("zones", zone, ZONE, "the name of an availability zone, such as \"eu-central-1a\""));
        group("primary", primarySecurityGroup, check);
        group("core", coreSecurityGroup, check);
        group("serviceAccess", serviceAccessSecurityGroup, check);
        additionalPrimarySecurityGroups.forEach(group -> group("additionalPrimary", group, check));
        additionalCoreSecurityGroups.forEach(group -> group("additionalCore", group, check));
        boolean hasSubnet = cluster.hasSubnet();
        boolean fleets = cluster.fleets();
        check.exclusive(hasSubnet && !subnetIds.isEmpty(), "subnet", "subnets(…)", "EMR takes one of the two.");
        check.exclusive(
                (hasSubnet || !subnetIds.isEmpty()) && !availabilityZones.isEmpty(),
                "a subnet",
                "zones(…)",
                "A subnet is in one availability zone already.");
        check.needs(
                !fleets && !subnetIds.isEmpty(),
                "subnets(…)",
                "instance fleet",
                "EMR chooses between subnets only for instance fleets: write subnet = \"…\", or use fleets.");
        check.needs(
                !fleets && availabilityZones.size() > 1,
                "several zones",
                "instance fleet",
                "EMR chooses between zones only for instance fleets: name one zone, or use fleets.");
        String both = "Write both or none: EMR takes no pair of one of its own groups and another one.";
        check.needs(
                primarySecurityGroup != null && coreSecurityGroup == null, "primary in securityGroups", "core", both);
        check.needs(
                coreSecurityGroup != null && primarySecurityGroup == null, "core in securityGroups", "primary", both);
    }

    private static void group(String word, @Nullable String id, MemberCheck check) {
        check.form(word + " of securityGroups", id, GROUP, GROUP_EXAMPLE);
    }
}
