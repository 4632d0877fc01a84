package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.emulator.Pages.Page;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.BlockPublicAccessConfiguration;
import software.amazon.awssdk.services.emr.model.BlockPublicAccessConfigurationMetadata;
import software.amazon.awssdk.services.emr.model.CreateSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.CreateSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.DeleteSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.DeleteSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.DescribeSecurityConfigurationRequest;
import software.amazon.awssdk.services.emr.model.DescribeSecurityConfigurationResponse;
import software.amazon.awssdk.services.emr.model.GetBlockPublicAccessConfigurationResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.ListSecurityConfigurationsRequest;
import software.amazon.awssdk.services.emr.model.ListSecurityConfigurationsResponse;
import software.amazon.awssdk.services.emr.model.PortRange;
import software.amazon.awssdk.services.emr.model.PutBlockPublicAccessConfigurationRequest;
import software.amazon.awssdk.services.emr.model.PutBlockPublicAccessConfigurationResponse;
import software.amazon.awssdk.services.emr.model.SecurityConfigurationSummary;

/**
 * The operations on security configurations and on block public access. Each method is the body of one transaction.
 * Nothing is encrypted or blocked: the settings are checked, stored and shown.
 *
 * <p>The texts for a name that exists or does not exist are those that moto and clients of EMR match on. The API
 * reference does not say whether a configuration that a cluster uses can be deleted, so it can.
 */
final class SecurityCalls {

    private static final String LISTING = "ListSecurityConfigurations";
    private static final String KIND = AccountResources.SECURITY_CONFIGURATION;

    /** An account has one configuration. */
    private static final String ID = "account";

    private final EmulatorSettings settings;
    private final Transactor transactor;

    SecurityCalls(EmulatorSettings settings, Transactor transactor) {
        this.settings = settings;
        this.transactor = transactor;
    }

    CreateSecurityConfigurationResponse create(AccountState account, CreateSecurityConfigurationRequest request) {
        if (request.name().isBlank()) {
            throw Errors.invalid("InvalidName", "The name of a security configuration must not be blank.");
        }
        if (account.resources().find(KIND, request.name()) != null) {
            throw Errors.invalid(
                    "ResourceAlreadyExists",
                    "SecurityConfiguration with name '" + request.name() + "' already exists.");
        }
        checkJson(request.securityConfiguration());
        DescribeSecurityConfigurationResponse created = DescribeSecurityConfigurationResponse.builder()
                .name(request.name())
                .securityConfiguration(request.securityConfiguration())
                .creationDateTime(transactor.now())
                .build();
        account.resources().put(KIND, request.name(), SdkJson.tree(created));
        return CreateSecurityConfigurationResponse.builder()
                .name(created.name())
                .creationDateTime(created.creationDateTime())
                .build();
    }

    DescribeSecurityConfigurationResponse describe(AccountState account, DescribeSecurityConfigurationRequest request) {
        AccountResource found = account.resources().find(KIND, request.name());
        if (found == null) {
            throw noSuchConfiguration(request.name());
        }
        return SdkJson.read(found.json(), DescribeSecurityConfigurationResponse.builder());
    }

    ListSecurityConfigurationsResponse list(AccountState account, ListSecurityConfigurationsRequest request) {
        Page<AccountResource> page = Pages.of(
                LISTING,
                account.resources().newestBelow(KIND, Pages.startingBelow(LISTING, request.marker())),
                AccountResource::sequence);
        return ListSecurityConfigurationsResponse.builder()
                .securityConfigurations(page.items().stream()
                        .map(one -> SdkJson.read(one.json(), SecurityConfigurationSummary.builder()))
                        .toList())
                .marker(page.marker())
                .build();
    }

    DeleteSecurityConfigurationResponse delete(AccountState account, DeleteSecurityConfigurationRequest request) {
        if (account.resources().find(KIND, request.name()) == null) {
            throw noSuchConfiguration(request.name());
        }
        account.resources().remove(KIND, request.name());
        return DeleteSecurityConfigurationResponse.builder().build();
    }

    /** For RunJobFlow, whose model has no InvalidRequestException. */
    static void checkExists(AccountState account, @Nullable String name) {
        if (name != null && !name.isEmpty() && account.resources().find(KIND, name) == null) {
            throw Errors.validation(doesNotExist(name));
        }
    }

    /** Whether steps of a cluster with this security configuration run with roles of their own. */
    static boolean hasRuntimeRoles(AccountState account, @Nullable String name) {
        AccountResource found = name == null ? null : account.resources().find(KIND, name);
        return found != null
                && SdkJson.parse(found.json().path("SecurityConfiguration").textValue())
                        .path("AuthorizationConfiguration")
                        .path("IAMConfiguration")
                        .path("EnableApplicationScopedIAMRole")
                        .booleanValue();
    }

    /** The default is that of new accounts: blocked but for port 22. */
    GetBlockPublicAccessConfigurationResponse blockPublicAccess(AccountState account) {
        AccountResource stored = account.resources().find(AccountResources.BLOCK_PUBLIC_ACCESS, ID);
        return SdkJson.read(
                stored == null ? store(account, defaultConfiguration()) : stored.json(),
                GetBlockPublicAccessConfigurationResponse.builder());
    }

    PutBlockPublicAccessConfigurationResponse putBlockPublicAccess(
            AccountState account, PutBlockPublicAccessConfigurationRequest request) {
        BlockPublicAccessConfiguration configuration = request.blockPublicAccessConfiguration();
        for (PortRange range : configuration.permittedPublicSecurityGroupRuleRanges()) {
            if (range.maxRange() != null && range.maxRange() < range.minRange()) {
                throw Errors.invalid(
                        "InvalidPortRange",
                        "The port range " + range.minRange() + " to " + range.maxRange()
                                + " is not valid: MinRange is greater than MaxRange.");
            }
        }
        store(account, configuration);
        return PutBlockPublicAccessConfigurationResponse.builder().build();
    }

    private ObjectNode store(AccountState account, BlockPublicAccessConfiguration configuration) {
        Instant now = transactor.now();
        ObjectNode json = SdkJson.tree(GetBlockPublicAccessConfigurationResponse.builder()
                .blockPublicAccessConfiguration(configuration)
                .blockPublicAccessConfigurationMetadata(BlockPublicAccessConfigurationMetadata.builder()
                        .creationDateTime(now)
                        .createdByArn("arn:" + settings.partition() + ":iam::" + settings.accountId() + ":root")
                        .build())
                .build());
        account.resources().put(AccountResources.BLOCK_PUBLIC_ACCESS, ID, json);
        return json;
    }

    private static BlockPublicAccessConfiguration defaultConfiguration() {
        return BlockPublicAccessConfiguration.builder()
                .blockPublicSecurityGroupRules(true)
                .permittedPublicSecurityGroupRuleRanges(
                        PortRange.builder().minRange(22).maxRange(22).build())
                .build();
    }

    private static void checkJson(String text) {
        boolean valid;
        try {
            valid = SdkJson.parseRequest(text).isObject();
        } catch (MalformedJsonException e) {
            valid = false;
        }
        if (!valid) {
            throw Errors.invalid("InvalidSecurityConfiguration", "The security configuration is not a JSON object.");
        }
    }

    private static InvalidRequestException noSuchConfiguration(String name) {
        return Errors.invalid("ResourceNotFound", doesNotExist(name));
    }

    private static String doesNotExist(String name) {
        return "Security configuration with name '" + name + "' does not exist.";
    }
}
