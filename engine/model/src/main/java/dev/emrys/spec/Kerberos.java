package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * EMR's {@code KerberosAttributes}. The passwords are placeholders of secrets, {@code ${secret:name}}, never their
 * values.
 *
 * @param realm such as {@code EC2.INTERNAL}
 * @param kdcAdminPassword of the key distribution center
 * @param crossRealmTrustPassword null without a cross-realm trust
 * @param adDomainJoinUser null without Active Directory
 * @param adDomainJoinPassword null without Active Directory
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Kerberos(
        @Nullable String realm,
        @Nullable String kdcAdminPassword,
        @Nullable String crossRealmTrustPassword,
        @Nullable String adDomainJoinUser,
        @Nullable String adDomainJoinPassword) {

    void values(ImmutableList.Builder<String> texts) {
        passwords().forEach(texts::add);
    }

    private Stream<String> passwords() {
        return Stream.of(kdcAdminPassword, crossRealmTrustPassword, adDomainJoinPassword)
                .filter(Objects::nonNull);
    }

    void check(MemberCheck check) {
        check.text("realm of kerberos", realm, MemberCheck.SHORT);
        check.text("adDomainJoinUser of kerberos", adDomainJoinUser, MemberCheck.SHORT);
        check.needs(realm == null, "kerberos { }", "realm", "Add realm = \"EC2.INTERNAL\".");
        check.needs(
                kdcAdminPassword == null, "kerberos { }", "kdcAdminPassword", "Add kdcAdminPassword = secret(\"…\").");
        check.needs(
                (adDomainJoinUser == null) != (adDomainJoinPassword == null),
                "one of adDomainJoinUser and adDomainJoinPassword",
                "the other one",
                "Write both.");
        // The text is not shown: it is a password.
        passwords()
                .filter(password -> !Placeholders.any(password))
                .forEach(password ->
                        check.diagnostics().add(ClusterCode.PASSWORD_IN_SPEC, check.location(), check.element()));
    }
}
