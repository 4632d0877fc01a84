package dev.emrys.aws;

import dev.emrys.emr.Endpoint;
import dev.emrys.spec.AwsCode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * Lets credentials be used for one account only. Credentials that are renewed outside, such as a profile that somebody
 * logs in to anew, may be another account's, in which a run would look for its clusters in vain. AWS STS is asked once
 * for each access key; all others wait meanwhile. Thread-safe.
 */
final class AccountCheck {
    private final Function<AwsCredentials, String> accounts;
    private @Nullable String expected;
    private @Nullable String checkedKey;
    private @Nullable String otherAccount;

    /**
     * @param accounts asks AWS whose credentials these are; throws {@link Endpoint.UnavailableException} when that is
     *     not known at the moment
     */
    AccountCheck(Function<AwsCredentials, String> accounts) {
        this.accounts = accounts;
    }

    /**
     * From now on only this account's credentials are right; until then all are.
     *
     * @param account twelve digits
     */
    synchronized void expect(String account) {
        if (!account.equals(expected)) {
            expected = account;
            checkedKey = null;
        }
    }

    /** @throws Endpoint.CredentialsException when they are another account's */
    synchronized void check(AwsCredentials credentials) {
        String wanted = expected;
        if (wanted == null) {
            return;
        }
        if (!credentials.accessKeyId().equals(checkedKey)) {
            String account = accounts.apply(credentials);
            checkedKey = credentials.accessKeyId();
            otherAccount = account.equals(wanted) ? null : account;
        }
        if (otherAccount != null) {
            throw new Endpoint.CredentialsException(
                    AwsCode.ACCOUNT_CHANGED.of(wanted, otherAccount).what(), null);
        }
    }
}
