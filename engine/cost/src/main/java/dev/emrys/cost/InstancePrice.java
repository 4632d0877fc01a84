package dev.emrys.cost;

/**
 * What one instance costs.
 *
 * @param ec2 US dollars an hour on demand
 * @param emr what EMR adds, US dollars an hour, whether the instance is on demand or Spot
 */
public record InstancePrice(double ec2, double emr) {}
