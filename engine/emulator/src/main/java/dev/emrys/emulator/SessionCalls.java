package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Streams;
import dev.emrys.emulator.Pages.Page;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.GetClusterSessionCredentialsRequest;
import software.amazon.awssdk.services.emr.model.GetClusterSessionCredentialsResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * The operations on interactive sessions, which the SDK does not have, as JSON, and GetClusterSessionCredentials. Each
 * method is the body of one transaction. There is no Spark Connect server: a session is SUBMITTED and STARTING for as
 * long as a cluster starts, and is then FAILED.
 *
 * <p>The rules are those of API_StartSession: a cluster that is RUNNING or WAITING, with the release emr-spark-8.0.0 or
 * later. Whether the cluster has sessions enabled is not checked, since the SDK's RunJobFlow has no member
 * SessionEnabled. The reference does not say how a request is refused: the texts are the emulator's own.
 */
final class SessionCalls {

    static final ImmutableSet<String> OPERATIONS =
            ImmutableSet.of("StartSession", "GetSession", "GetSessionEndpoint", "ListSessions", "TerminateSession");

    private static final String KIND = AccountResources.SESSION;
    private static final String SESSION = "session";
    private static final String TOKEN = "clientRequestToken";
    private static final String TERMINATED_AT = "terminateRequestedAt";
    private static final int SESSIONS_PER_PAGE = 50;

    /** EMR's reference does not say how long its credentials are valid. */
    private static final Duration CREDENTIALS_VALID = Duration.ofHours(1);

    /** The JSON types of the members of requests. */
    private enum Type {
        STRING("a string") {
            @Override
            boolean fits(JsonNode value) {
                return value.isTextual();
            }
        },
        INTEGER("an integer") {
            @Override
            boolean fits(JsonNode value) {
                return value.isIntegralNumber();
            }
        },
        STRUCTURE("a structure") {
            @Override
            boolean fits(JsonNode value) {
                return value.isObject();
            }
        },
        STRINGS("a list of strings") {
            @Override
            boolean fits(JsonNode value) {
                return value.isArray() && Streams.stream(value).allMatch(JsonNode::isTextual);
            }
        };

        private final String text;

        Type(String text) {
            this.text = text;
        }

        abstract boolean fits(JsonNode value);
    }

    /** The members of requests but for those of SDK shapes. */
    private static final ImmutableMap<String, Type> TYPES = ImmutableMap.<String, Type>builder()
            .put("Name", Type.STRING)
            .put("ClusterId", Type.STRING)
            .put("SessionId", Type.STRING)
            .put("ExecutionRoleArn", Type.STRING)
            .put("ClientRequestToken", Type.STRING)
            .put("NextToken", Type.STRING)
            .put("MonitoringConfiguration", Type.STRUCTURE)
            .put("SessionIdleTimeoutInMinutes", Type.INTEGER)
            .put("MaxResults", Type.INTEGER)
            .put("SessionStates", Type.STRINGS)
            .buildOrThrow();

    private static final ImmutableList<String> COPIED = ImmutableList.of(
            "Name",
            "ExecutionRoleArn",
            "EngineConfigurations",
            "MonitoringConfiguration",
            "SessionIdleTimeoutInMinutes",
            "Tags");

    private final EmulatorSettings settings;
    private final Transactor transactor;

    SessionCalls(EmulatorSettings settings, Transactor transactor) {
        this.settings = settings;
        this.transactor = transactor;
    }

    /** @throws MalformedJsonException a member of the request has the wrong type */
    static void checkTypes(JsonNode request) {
        if (!request.isObject()) {
            throw SdkJson.wrongType(request, "a structure", "");
        }
        TYPES.forEach((member, type) -> {
            JsonNode value = request.path(member);
            if (!value.isMissingNode() && !value.isNull() && !type.fits(value)) {
                throw SdkJson.wrongType(value, type.text, "/" + member);
            }
        });
        sdkShapes(request);
    }

    ObjectNode call(AccountState account, String operation, JsonNode request) {
        return switch (operation) {
            case "StartSession" -> start(account, request);
            case "GetSession" -> get(account, request);
            case "GetSessionEndpoint" -> endpoint(account, request);
            case "ListSessions" -> list(account, request);
            case "TerminateSession" -> terminate(account, request);
            default -> throw new IllegalArgumentException(operation + " is not an operation on sessions.");
        };
    }

    private ObjectNode start(AccountState account, JsonNode request) {
        ClusterEntry entry = account.cluster(request.get("ClusterId").textValue());
        checkCluster(entry);
        RunJobFlowRules.checkTags(sdkShapes(request).tags());
        String token = request.path("ClientRequestToken").textValue();
        AccountResource before = token == null ? null : withToken(account, entry, token);
        if (before != null) {
            return started(before);
        }
        String id = transactor.newLongId("");
        ObjectNode session = SdkJson.MAPPER.createObjectNode().put("Id", id);
        session.put("ClusterId", entry.cluster().id())
                .put("Arn", settings.arn("cluster/" + entry.cluster().id() + "/session/" + id))
                .put("AccountId", settings.accountId())
                .put("ReleaseLabel", entry.cluster().cluster().releaseLabel())
                .set("CreatedAt", seconds(transactor.now()));
        COPIED.stream().filter(request::hasNonNull).forEach(member -> session.set(member, request.get(member)));
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put(TOKEN, token);
        json.set(SESSION, session);
        account.resources().put(KIND, id, json);
        return started(find(account, entry.cluster().id(), id));
    }

    private static void checkCluster(ClusterEntry entry) {
        ClusterState state = entry.cluster().state();
        if (state != ClusterState.RUNNING && state != ClusterState.WAITING) {
            throw invalid("The cluster " + entry.cluster().id() + " is " + state
                    + ": sessions are started on a cluster that is RUNNING or WAITING.");
        }
        String label = entry.cluster().cluster().releaseLabel();
        Release release = Release.parse(label);
        if (!label.startsWith("emr-spark-") || release == null || !release.atLeast(8, 0)) {
            throw invalid("Sessions are not supported for release label " + label + ": use emr-spark-8.0.0 or later.");
        }
    }

    /**
     * A second request with a token of the cluster is answered as the first one; see ClientRequestToken in
     * API_StartSession.
     */
    private static @Nullable AccountResource withToken(AccountState account, ClusterEntry entry, String token) {
        return account.resources()
                .newestBelow(KIND, Long.MAX_VALUE)
                .filter(one -> token.equals(one.json().path(TOKEN).textValue())
                        && isOf(one, entry.cluster().id()))
                .findFirst()
                .orElse(null);
    }

    private ObjectNode started(AccountResource resource) {
        ObjectNode response = SdkJson.MAPPER.createObjectNode();
        JsonNode session = resource.json().get(SESSION);
        for (String member : ImmutableList.of("Id", "ClusterId", "Arn", "AccountId")) {
            response.set(member, session.get(member));
        }
        return response.put("State", "SUBMITTED");
    }

    private ObjectNode get(AccountState account, JsonNode request) {
        ObjectNode response = SdkJson.MAPPER.createObjectNode();
        response.set("Session", shown(find(account, request)));
        return response;
    }

    /** No session is ever ready: there is no endpoint. */
    private ObjectNode endpoint(AccountState account, JsonNode request) {
        ObjectNode session = shown(find(account, request));
        String reason = session.path("StateChangeReason").asText("");
        throw invalid("The session '" + session.path("Id").textValue() + "' is "
                + session.path("State").textValue() + " and has no endpoint."
                + (reason.isEmpty() ? "" : " " + reason));
    }

    private ObjectNode list(AccountState account, JsonNode request) {
        String cluster =
                account.cluster(request.get("ClusterId").textValue()).cluster().id();
        ImmutableSet.Builder<String> states = ImmutableSet.builder();
        request.path("SessionStates").forEach(state -> states.add(state.textValue()));
        ImmutableSet<String> wanted = states.build();
        ImmutableList<ObjectNode> sessions = account.resources()
                .newestBelow(KIND, Long.MAX_VALUE)
                .filter(one -> isOf(one, cluster))
                .map(this::shown)
                .filter(one ->
                        wanted.isEmpty() || wanted.contains(one.get("State").textValue()))
                .collect(ImmutableList.toImmutableList());
        int size = request.path("MaxResults").asInt(SESSIONS_PER_PAGE);
        Page<ObjectNode> page = Pages.of(
                "ListSessions/" + cluster, sessions, request.path("NextToken").textValue(), size);
        ObjectNode response = SdkJson.MAPPER.createObjectNode();
        ArrayNode array = response.putArray("Sessions");
        page.items().forEach(array::add);
        if (page.marker() != null) {
            response.put("NextToken", page.marker());
        }
        return response;
    }

    private ObjectNode terminate(AccountState account, JsonNode request) {
        AccountResource found = find(account, request);
        ObjectNode session = shown(found);
        if (session.has("EndedAt")) {
            throw invalid("The session '" + found.id() + "' is already "
                    + session.get("State").textValue() + ".");
        }
        if (!found.json().has(TERMINATED_AT)) {
            ObjectNode json = found.json().deepCopy();
            json.put(TERMINATED_AT, transactor.now().toEpochMilli());
            account.resources().put(KIND, found.id(), json);
        }
        ObjectNode response = SdkJson.MAPPER.createObjectNode();
        response.set("ClusterId", session.get("ClusterId"));
        return response.put("SessionId", found.id()).put("State", "TERMINATING");
    }

    /** The session with its state at this moment. */
    private ObjectNode shown(AccountResource resource) {
        ObjectNode session = resource.json().get(SESSION).deepCopy();
        Instant now = transactor.now();
        Instant created = Instant.ofEpochMilli(
                session.get("CreatedAt").decimalValue().movePointRight(3).longValue());
        if (resource.json().has(TERMINATED_AT)) {
            Instant requested =
                    Instant.ofEpochMilli(resource.json().get(TERMINATED_AT).longValue());
            Instant end = requested.plus(settings.terminating());
            return now.isBefore(end)
                    ? in(session, "TERMINATING", requested)
                    : ended(session, "TERMINATED", end, "Terminated by user request.");
        }
        Instant starting = created.plus(settings.starting());
        Instant end = starting.plus(settings.bootstrapping());
        if (now.isBefore(starting)) {
            return in(session, "SUBMITTED", created);
        } else if (now.isBefore(end)) {
            return in(session, "STARTING", starting);
        }
        return ended(
                session,
                "FAILED",
                end,
                "Emrys's emulator has no Spark Connect server: run the code as a step, or run against AWS.");
    }

    private static ObjectNode in(ObjectNode session, String state, Instant since) {
        session.put("State", state).set("UpdatedAt", seconds(since));
        return session;
    }

    private static ObjectNode ended(ObjectNode session, String state, Instant end, String reason) {
        in(session, state, end).put("StateChangeReason", reason).set("EndedAt", seconds(end));
        return session;
    }

    private static AccountResource find(AccountState account, JsonNode request) {
        return find(
                account,
                account.cluster(request.get("ClusterId").textValue()).cluster().id(),
                request.get("SessionId").textValue());
    }

    private static AccountResource find(AccountState account, String cluster, String id) {
        AccountResource found = account.resources().find(KIND, id);
        if (found == null || !isOf(found, cluster)) {
            throw invalid("Session id '" + id + "' is not valid.");
        }
        return found;
    }

    private static boolean isOf(AccountResource session, String cluster) {
        return session.json().get(SESSION).get("ClusterId").textValue().equals(cluster);
    }

    /**
     * Random credentials, for a cluster whose security configuration has runtime roles
     * (API_GetClusterSessionCredentials). No endpoint on this machine takes them.
     */
    GetClusterSessionCredentialsResponse credentials(
            AccountState account, GetClusterSessionCredentialsRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        if (!entry.cluster().modifiable()) {
            throw invalid("The cluster " + entry.cluster().id() + " is "
                    + entry.cluster().state() + ": it has no session credentials.");
        }
        if (!SecurityCalls.hasRuntimeRoles(account, entry.cluster().cluster().securityConfiguration())) {
            throw invalid("Runtime roles are not supported on this cluster: it needs a security configuration with"
                    + " EnableApplicationScopedIAMRole.");
        }
        if (request.executionRoleArn() == null) {
            throw invalid(Errors.RUNTIME_ROLE_REQUIRED);
        }
        return GetClusterSessionCredentialsResponse.builder()
                .credentials(one -> one.usernamePassword(
                        pair -> pair.username(transactor.newLongId("")).password(transactor.newLongId(""))))
                .expiresAt(transactor.now().plus(CREDENTIALS_VALID))
                .build();
    }

    /** Lists whose types the SDK knows. */
    private static RunJobFlowRequest sdkShapes(JsonNode request) {
        ObjectNode known = SdkJson.MAPPER.createObjectNode();
        if (request.hasNonNull("Tags")) {
            known.set("Tags", request.get("Tags"));
        }
        if (request.hasNonNull("EngineConfigurations")) {
            known.set("Configurations", request.get("EngineConfigurations"));
        }
        return SdkJson.read(known, RunJobFlowRequest.builder());
    }

    private static JsonNode seconds(Instant instant) {
        return DecimalNode.valueOf(BigDecimal.valueOf(instant.toEpochMilli(), 3));
    }

    private static InvalidRequestException invalid(String message) {
        return Errors.invalid("InvalidRequest", message);
    }
}
