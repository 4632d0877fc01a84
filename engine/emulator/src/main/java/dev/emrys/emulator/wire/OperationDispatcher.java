package dev.emrys.emulator.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.MalformedJsonException;
import dev.emrys.emulator.SdkJson;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.EmrRequest;
import software.amazon.awssdk.services.emr.model.EmrResponse;
import software.amazon.awssdk.services.emr.model.InternalServerErrorException;
import software.amazon.awssdk.services.emr.model.InternalServerException;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/** Maps an operation's name and JSON to a call on the client, and its result or exception back to JSON. Thread-safe. */
final class OperationDispatcher {

    /** Operations of EMR's service model that this version of the SDK does not have. */
    private static final ImmutableSet<String> MISSING_IN_SDK = ImmutableSet.of(
            "DescribeJobFlows", "StartSession", "GetSession", "GetSessionEndpoint", "ListSessions", "TerminateSession");

    /**
     * The SDK changes the case of acronyms in names ({@code ...AppUIPresignedURL}), so names are compared in lower
     * case.
     */
    private static final ImmutableMap<String, Method> OPERATIONS = operations();

    private final Emulator emulator;

    OperationDispatcher(Emulator emulator) {
        this.emulator = emulator;
    }

    WireResponse respond(String operation, String json) {
        if (MISSING_IN_SDK.contains(operation)) {
            return respondRaw(operation, json);
        }
        Method method = OPERATIONS.get(Ascii.toLowerCase(operation));
        if (method == null) {
            return WireResponse.error(400, "UnknownOperationException", "EMR has no operation '" + operation + "'.");
        }
        try {
            SdkPojo request = read(method.getParameterTypes()[0], json.isEmpty() ? "{}" : json);
            EmrResponse response = (EmrResponse) method.invoke(emulator, request);
            String id = response.responseMetadata() == null
                    ? null
                    : response.responseMetadata().requestId();
            return new WireResponse(200, SdkJson.write(response), null, id);
        } catch (MalformedJsonException e) {
            return WireResponse.error(400, "SerializationException", String.valueOf(e.getMessage()));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof EmrException error) {
                return errorResponse(error);
            }
            throw new IllegalStateException("The operation " + operation + " failed: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The SDK's client does not have the operation " + operation + ".", e);
        }
    }

    private WireResponse respondRaw(String operation, String json) {
        try {
            return WireResponse.of(
                    SdkJson.text(emulator.call(operation, SdkJson.parseRequest(json.isEmpty() ? "{}" : json))));
        } catch (MalformedJsonException e) {
            return WireResponse.error(400, "SerializationException", String.valueOf(e.getMessage()));
        } catch (EmrException e) {
            return errorResponse(e);
        }
    }

    private static WireResponse errorResponse(EmrException exception) {
        @Nullable
        String code = exception.awsErrorDetails() == null
                ? null
                : exception.awsErrorDetails().errorCode();
        String type = code == null ? "InternalFailure" : code;
        String text = code == null
                ? String.valueOf(exception.getMessage())
                : exception.awsErrorDetails().errorMessage();
        int status = exception.statusCode() == 0 ? 400 : exception.statusCode();
        if (exception instanceof InvalidRequestException invalid) {
            ObjectNode json = SdkJson.MAPPER.createObjectNode().put("__type", type);
            json.put("ErrorCode", invalid.emrErrorCode()).put("Message", text);
            return new WireResponse(status, SdkJson.text(json), type, exception.requestId());
        } else if (exception instanceof InternalServerException || exception instanceof InternalServerErrorException) {
            ObjectNode json = SdkJson.MAPPER.createObjectNode();
            json.put("__type", type).put("Message", text);
            return new WireResponse(status, SdkJson.text(json), type, exception.requestId());
        }
        return WireResponse.error(status, type, text);
    }

    private static SdkPojo read(Class<?> requestType, String json) throws ReflectiveOperationException {
        SdkPojo builder = (SdkPojo) requestType.getMethod("builder").invoke(null);
        SdkJson.fill(SdkJson.parseRequest(json), builder, "");
        return (SdkPojo) ((SdkBuilder<?, ?>) builder).build();
    }

    private static ImmutableMap<String, Method> operations() {
        Map<String, Method> found = new LinkedHashMap<>();
        for (Method method : EmrClient.class.getMethods()) {
            Class<?>[] parameters = method.getParameterTypes();
            if (parameters.length == 1
                    && EmrRequest.class.isAssignableFrom(parameters[0])
                    && EmrResponse.class.isAssignableFrom(method.getReturnType())) {
                found.put(Ascii.toLowerCase(method.getName()), method);
            }
        }
        return ImmutableMap.copyOf(found);
    }
}
