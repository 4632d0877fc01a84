package dev.emrys.emr;

import java.util.regex.Pattern;

/**
 * Recognises the messages by which EMR says that the account is at a limit, or that there is no capacity at the moment:
 * that passes, while a mistake in the request does not (Management Guide, "Resource errors": "Cluster terminates with
 * ... and limits").
 */
final class QuotaTexts {
    private static final Pattern QUOTA = Pattern.compile(
            "number of active clusters exceeds"
                    + "|(instance|vcpu|volume|storage|spot|ebs|on-demand|ec2|account|address)[^.]{0,120}\\b(quota|limit)s?\\b"
                    + "|\\b(quota|limit)s?\\b[^.]{0,80}(instance|vcpu|volume|spot|on-demand|your account)"
                    + "|insufficient[^.]{0,60}capacity"
                    + "|insufficient(instance|freeaddressesinsubnet)"
                    + "|(instance|vcpu|volume)limitexceeded|maxspotinstancecountexceeded"
                    + "|not have enough free addresses",
            Pattern.CASE_INSENSITIVE);

    private QuotaTexts() {}

    static boolean isQuota(String text) {
        return QUOTA.matcher(text).find();
    }
}
