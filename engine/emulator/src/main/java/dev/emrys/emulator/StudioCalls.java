package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.emulator.Pages.Page;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.AuthMode;
import software.amazon.awssdk.services.emr.model.CreateStudioRequest;
import software.amazon.awssdk.services.emr.model.CreateStudioResponse;
import software.amazon.awssdk.services.emr.model.CreateStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.CreateStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.DeleteStudioRequest;
import software.amazon.awssdk.services.emr.model.DeleteStudioResponse;
import software.amazon.awssdk.services.emr.model.DeleteStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.DeleteStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.DescribeStudioRequest;
import software.amazon.awssdk.services.emr.model.DescribeStudioResponse;
import software.amazon.awssdk.services.emr.model.GetStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.GetStudioSessionMappingResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.ListStudioSessionMappingsRequest;
import software.amazon.awssdk.services.emr.model.ListStudioSessionMappingsResponse;
import software.amazon.awssdk.services.emr.model.ListStudiosRequest;
import software.amazon.awssdk.services.emr.model.ListStudiosResponse;
import software.amazon.awssdk.services.emr.model.SessionMappingDetail;
import software.amazon.awssdk.services.emr.model.SessionMappingSummary;
import software.amazon.awssdk.services.emr.model.Studio;
import software.amazon.awssdk.services.emr.model.StudioSummary;
import software.amazon.awssdk.services.emr.model.UpdateStudioRequest;
import software.amazon.awssdk.services.emr.model.UpdateStudioResponse;
import software.amazon.awssdk.services.emr.model.UpdateStudioSessionMappingRequest;
import software.amazon.awssdk.services.emr.model.UpdateStudioSessionMappingResponse;

/**
 * The operations on studios and on their session mappings. Each method is the body of one transaction. A studio is
 * stored and shown; there is no web page behind its URL. Users and groups are not looked up, so a mapping has the id or
 * the name that it was created with.
 *
 * <p>The texts for a studio or mapping that does not exist are those that clients of EMR match on.
 */
final class StudioCalls {

    private static final String STUDIO = AccountResources.STUDIO;
    private static final String MAPPING = AccountResources.STUDIO_SESSION_MAPPING;
    private static final int MAX_SUBNETS = 5;

    private final EmulatorSettings settings;
    private final Transactor transactor;

    StudioCalls(EmulatorSettings settings, Transactor transactor) {
        this.settings = settings;
        this.transactor = transactor;
    }

    CreateStudioResponse create(AccountState account, CreateStudioRequest request) {
        checkSubnets(request.subnetIds().size());
        checkLocation(request.defaultS3Location());
        if (request.authMode() == AuthMode.SSO
                && (request.userRole() == null || request.userRole().isEmpty())) {
            throw invalid("UserRole is required for a studio with the authentication mode SSO.");
        }
        RunJobFlowRules.checkTags(request.tags());
        String id = transactor.newLongId("es-");
        Studio studio = SdkJson.read(SdkJson.tree(request), Studio.builder()).toBuilder()
                .studioId(id)
                .studioArn(settings.arn("studio/" + id))
                .url("https://" + id + ".emrstudio-prod." + settings.region() + ".amazonaws.com")
                .creationTime(transactor.now())
                .build();
        account.resources().put(STUDIO, id, SdkJson.tree(studio));
        return CreateStudioResponse.builder().studioId(id).url(studio.url()).build();
    }

    DescribeStudioResponse describe(AccountState account, DescribeStudioRequest request) {
        return DescribeStudioResponse.builder()
                .studio(studio(account, request.studioId()))
                .build();
    }

    ListStudiosResponse list(AccountState account, ListStudiosRequest request) {
        Page<AccountResource> page = Pages.of(
                "ListStudios",
                account.resources().newestBelow(STUDIO, Pages.startingBelow("ListStudios", request.marker())),
                AccountResource::sequence);
        return ListStudiosResponse.builder()
                .studios(page.items().stream()
                        .map(one -> SdkJson.read(one.json(), StudioSummary.builder()))
                        .toList())
                .marker(page.marker())
                .build();
    }

    UpdateStudioResponse update(AccountState account, UpdateStudioRequest request) {
        ObjectNode changed = SdkJson.tree(studio(account, request.studioId()));
        if (request.hasSubnetIds()) {
            checkSubnets(request.subnetIds().size());
        }
        if (request.defaultS3Location() != null) {
            checkLocation(request.defaultS3Location());
        }
        // Every member of the request has the same name in the studio.
        changed.setAll(SdkJson.tree(request));
        account.resources().put(STUDIO, request.studioId(), changed);
        return UpdateStudioResponse.builder().build();
    }

    /** Its session mappings are deleted with it. */
    DeleteStudioResponse delete(AccountState account, DeleteStudioRequest request) {
        studio(account, request.studioId());
        account.resources()
                .newestBelow(MAPPING, Long.MAX_VALUE)
                .filter(one -> request.studioId().equals(mapping(one).studioId()))
                .toList()
                .forEach(one -> account.resources().remove(MAPPING, one.id()));
        account.resources().remove(STUDIO, request.studioId());
        return DeleteStudioResponse.builder().build();
    }

    CreateStudioSessionMappingResponse createMapping(AccountState account, CreateStudioSessionMappingRequest request) {
        String key =
                key(request.studioId(), request.identityTypeAsString(), request.identityId(), request.identityName());
        if (studio(account, request.studioId()).authMode() != AuthMode.SSO) {
            throw invalid("Session mappings are only for studios with the authentication mode SSO.");
        }
        if (account.resources().find(MAPPING, key) != null) {
            throw invalid("Studio session mapping already exists.");
        }
        SessionMappingDetail created = SdkJson.read(SdkJson.tree(request), SessionMappingDetail.builder()).toBuilder()
                .creationTime(transactor.now())
                .lastModifiedTime(transactor.now())
                .build();
        account.resources().put(MAPPING, key, SdkJson.tree(created));
        return CreateStudioSessionMappingResponse.builder().build();
    }

    GetStudioSessionMappingResponse getMapping(AccountState account, GetStudioSessionMappingRequest request) {
        String key =
                key(request.studioId(), request.identityTypeAsString(), request.identityId(), request.identityName());
        return GetStudioSessionMappingResponse.builder()
                .sessionMapping(mapping(existingMapping(account, request.studioId(), key)))
                .build();
    }

    UpdateStudioSessionMappingResponse updateMapping(AccountState account, UpdateStudioSessionMappingRequest request) {
        String key =
                key(request.studioId(), request.identityTypeAsString(), request.identityId(), request.identityName());
        SessionMappingDetail before = mapping(existingMapping(account, request.studioId(), key));
        SessionMappingDetail changed = before.toBuilder()
                .sessionPolicyArn(request.sessionPolicyArn())
                .lastModifiedTime(transactor.now())
                .build();
        account.resources().put(MAPPING, key, SdkJson.tree(changed));
        return UpdateStudioSessionMappingResponse.builder().build();
    }

    DeleteStudioSessionMappingResponse deleteMapping(AccountState account, DeleteStudioSessionMappingRequest request) {
        String key =
                key(request.studioId(), request.identityTypeAsString(), request.identityId(), request.identityName());
        existingMapping(account, request.studioId(), key);
        account.resources().remove(MAPPING, key);
        return DeleteStudioSessionMappingResponse.builder().build();
    }

    ListStudioSessionMappingsResponse listMappings(AccountState account, ListStudioSessionMappingsRequest request) {
        if (request.studioId() != null) {
            studio(account, request.studioId());
        }
        Page<AccountResource> page = Pages.of(
                "ListStudioSessionMappings",
                account.resources()
                        .newestBelow(MAPPING, Pages.startingBelow("ListStudioSessionMappings", request.marker()))
                        .filter(one -> matches(request, mapping(one))),
                AccountResource::sequence);
        return ListStudioSessionMappingsResponse.builder()
                .sessionMappings(page.items().stream()
                        .map(one -> SdkJson.read(one.json(), SessionMappingSummary.builder()))
                        .toList())
                .marker(page.marker())
                .build();
    }

    private static boolean matches(ListStudioSessionMappingsRequest request, SessionMappingDetail mapping) {
        return (request.studioId() == null || request.studioId().equals(mapping.studioId()))
                && (request.identityType() == null || request.identityType() == mapping.identityType());
    }

    private static Studio studio(AccountState account, String id) {
        AccountResource found = account.resources().find(STUDIO, id);
        if (found == null) {
            throw invalid("Studio does not exist.");
        }
        return SdkJson.read(found.json(), Studio.builder());
    }

    private static AccountResource existingMapping(AccountState account, String studioId, String key) {
        studio(account, studioId);
        AccountResource found = account.resources().find(MAPPING, key);
        if (found == null) {
            throw invalid("Studio session mapping does not exist.");
        }
        return found;
    }

    private static SessionMappingDetail mapping(AccountResource resource) {
        return SdkJson.read(resource.json(), SessionMappingDetail.builder());
    }

    private static String key(String studioId, String type, @Nullable String id, @Nullable String name) {
        if ((id == null) == (name == null)) {
            throw invalid("Exactly one of IdentityId and IdentityName must be specified.");
        }
        return studioId + "/" + type + "/" + (id == null ? "name/" + name : "id/" + id);
    }

    private static void checkSubnets(int count) {
        if (count < 1 || count > MAX_SUBNETS) {
            throw invalid("A studio must have 1 to " + MAX_SUBNETS + " subnets, not " + count + ".");
        }
    }

    private static void checkLocation(String location) {
        if (!location.startsWith("s3://")) {
            throw invalid("The default S3 location '" + location + "' is not valid: it must start with s3://.");
        }
    }

    private static InvalidRequestException invalid(String message) {
        return Errors.invalid("InvalidRequest", message);
    }
}
