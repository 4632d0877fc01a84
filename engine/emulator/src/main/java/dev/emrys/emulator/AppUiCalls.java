package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.CreatePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiRequest;
import software.amazon.awssdk.services.emr.model.DescribePersistentAppUiResponse;
import software.amazon.awssdk.services.emr.model.GetOnClusterAppUiPresignedUrlRequest;
import software.amazon.awssdk.services.emr.model.GetOnClusterAppUiPresignedUrlResponse;
import software.amazon.awssdk.services.emr.model.GetPersistentAppUiPresignedUrlRequest;
import software.amazon.awssdk.services.emr.model.GetPersistentAppUiPresignedUrlResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.PersistentAppUI;
import software.amazon.awssdk.services.emr.model.PersistentAppUIType;
import software.amazon.awssdk.services.emr.model.ProfilerType;

/**
 * The operations on the user interfaces of applications. Each method is the body of one transaction. The URLs show a
 * page of the emulator, see {@link AppPages}; without a server there is none, and the answer is that the URL is not
 * ready.
 *
 * <p>The API reference lists no values of PersistentAppUIStatus; this one is ATTACHED from its creation.
 */
final class AppUiCalls {

    private static final String KIND = AccountResources.PERSISTENT_APP_UI;
    private static final String CLUSTER = "clusterId";
    private static final String UI = "appUi";

    private final EmulatorSettings settings;
    private final Transactor transactor;
    private final AppPages pages;

    AppUiCalls(EmulatorSettings settings, Transactor transactor, AppPages pages) {
        this.settings = settings;
        this.transactor = transactor;
        this.pages = pages;
    }

    CreatePersistentAppUiResponse create(AccountState account, CreatePersistentAppUiRequest request) {
        if (request.emrContainersConfig() != null) {
            throw Errors.validation(
                    "Emrys's emulator has no jobs of Amazon EMR on EKS: leave EMRContainersConfig out.");
        }
        ClusterEntry entry = clusterOf(account, request.targetResourceArn());
        RunJobFlowRules.checkTags(request.tags());
        String id = transactor.newLongId("p-");
        PersistentAppUI ui = PersistentAppUI.builder()
                .persistentAppUIId(id)
                .persistentAppUITypeList(types(request.profilerType()))
                .persistentAppUIStatus("ATTACHED")
                .authorId("arn:" + settings.partition() + ":iam::" + settings.accountId() + ":root")
                .creationTime(transactor.now())
                .lastModifiedTime(transactor.now())
                .tags(request.tags())
                .build();
        ObjectNode json =
                SdkJson.MAPPER.createObjectNode().put(CLUSTER, entry.cluster().id());
        json.set(UI, SdkJson.tree(ui));
        account.resources().put(KIND, id, json);
        return CreatePersistentAppUiResponse.builder()
                .persistentAppUIId(id)
                .runtimeRoleEnabledCluster(SecurityCalls.hasRuntimeRoles(
                        account, entry.cluster().cluster().securityConfiguration()))
                .build();
    }

    DescribePersistentAppUiResponse describe(AccountState account, DescribePersistentAppUiRequest request) {
        return DescribePersistentAppUiResponse.builder()
                .persistentAppUI(ui(find(account, request.persistentAppUIId())))
                .build();
    }

    GetPersistentAppUiPresignedUrlResponse persistentUrl(
            AccountState account, GetPersistentAppUiPresignedUrlRequest request) {
        AccountResource found = find(account, request.persistentAppUIId());
        PersistentAppUIType type = request.persistentAppUIType();
        if (type != null && !ui(found).persistentAppUITypeList().contains(type)) {
            throw invalid("The persistent application user interface '" + found.id() + "' does not have the type "
                    + type + ".");
        }
        String cluster = found.json().get(CLUSTER).textValue();
        // Fails if the cluster is no longer kept.
        account.cluster(cluster);
        String url = pages.url(cluster, transactor.now());
        return GetPersistentAppUiPresignedUrlResponse.builder()
                .presignedURLReady(url != null)
                .presignedURL(url)
                .build();
    }

    GetOnClusterAppUiPresignedUrlResponse onClusterUrl(
            AccountState account, GetOnClusterAppUiPresignedUrlRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        if (!entry.cluster().modifiable()) {
            throw invalid("The cluster " + entry.cluster().id() + " is "
                    + entry.cluster().state() + ": it has no user interfaces.");
        }
        boolean dry = Boolean.TRUE.equals(request.dryRun());
        String url = dry ? null : pages.url(entry.cluster().id(), transactor.now());
        return GetOnClusterAppUiPresignedUrlResponse.builder()
                .presignedURLReady(url != null)
                .presignedURL(url)
                .build();
    }

    private static ImmutableList<PersistentAppUIType> types(@Nullable ProfilerType profiler) {
        if (profiler == null) {
            return ImmutableList.of(PersistentAppUIType.SHS, PersistentAppUIType.TEZ, PersistentAppUIType.YTS);
        }
        return ImmutableList.of(
                switch (profiler) {
                    case TEZUI -> PersistentAppUIType.TEZ;
                    case YTS -> PersistentAppUIType.YTS;
                    default -> PersistentAppUIType.SHS;
                });
    }

    private static ClusterEntry clusterOf(AccountState account, String arn) {
        ClusterEntry entry = account.find(arn.substring(arn.lastIndexOf('/') + 1));
        if (entry == null || !arn.equals(entry.cluster().cluster().clusterArn())) {
            throw invalid("The target resource '" + arn + "' is not a cluster of this account.");
        }
        return entry;
    }

    private static AccountResource find(AccountState account, String id) {
        AccountResource found = account.resources().find(KIND, id);
        if (found == null) {
            throw invalid("Persistent application user interface id '" + id + "' is not valid.");
        }
        return found;
    }

    private static PersistentAppUI ui(AccountResource resource) {
        return SdkJson.read(resource.json().get(UI), PersistentAppUI.builder());
    }

    private static InvalidRequestException invalid(String message) {
        return Errors.invalid("InvalidRequest", message);
    }
}
