package dev.emrys.spec;

/**
 * What the check of a cluster's options must know of the rest of the cluster.
 *
 * @param fleets whether its instances are fleets, not groups
 * @param hasSubnet whether it names one subnet
 * @param hasLogs whether it has a log location
 * @param hasAutoScaling whether one of its groups has rules of automatic scaling
 * @param managedScaling whether its release has managed scaling
 * @param rootVolumeSpeed whether its release takes the speed of the root volume
 */
record ClusterFacts(
        String name,
        String releaseLabel,
        boolean fleets,
        boolean hasSubnet,
        boolean hasLogs,
        boolean hasAutoScaling,
        boolean managedScaling,
        boolean rootVolumeSpeed) {}
