package dev.emrys.aws;

/**
 * Whose credentials are used, and where.
 *
 * @param account twelve digits
 * @param region such as {@code eu-central-1}
 * @param arn of the user or the role
 */
public record AwsIdentity(String account, String region, String arn) {}
