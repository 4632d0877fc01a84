package dev.emrys.emr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.spec.RawRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Merges the raw members of a cluster into the JSON of its RunJobFlow request, so that members which the SDK does not
 * know reach EMR too. Objects are merged, anything else is replaced; except that Tags are added to the others, and Name
 * is left as it is, because it carries the key by which a cluster is found again. Immutable.
 */
final class RawMembers implements SdkPlugin, ExecutionInterceptor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "Name";
    private static final String TAGS = "Tags";

    private final ObjectNode members;

    /** @param fill fills in secrets */
    RawMembers(RawRequest raw, UnaryOperator<String> fill) {
        this.members = (ObjectNode) filled(raw.tree(), fill);
        this.members.remove(NAME);
    }

    private static JsonNode filled(JsonNode node, UnaryOperator<String> fill) {
        if (node.isTextual()) {
            return JsonNodeFactory.instance.textNode(fill.apply(node.textValue()));
        }
        if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, filled(array.get(i), fill));
            }
        } else if (node instanceof ObjectNode object) {
            object.properties().forEach(member -> member.setValue(filled(member.getValue(), fill)));
        }
        return node;
    }

    @Override
    public void configureClient(SdkServiceClientConfiguration.Builder config) {
        ClientOverrideConfiguration before = config.overrideConfiguration();
        ClientOverrideConfiguration.Builder overrides =
                before == null ? ClientOverrideConfiguration.builder() : before.toBuilder();
        config.overrideConfiguration(overrides.addExecutionInterceptor(this).build());
    }

    @Override
    public SdkHttpRequest modifyHttpRequest(Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
        SdkHttpRequest request = context.httpRequest();
        return context.requestBody().isEmpty()
                ? request
                : request.toBuilder()
                        .putHeader(
                                "Content-Length",
                                String.valueOf(merged(context.requestBody().get()).length))
                        .build();
    }

    @Override
    public Optional<RequestBody> modifyHttpContent(Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
        return context.requestBody().map(body -> {
            byte[] merged = merged(body);
            return RequestBody.fromContentProvider(
                    RequestBody.fromBytes(merged).contentStreamProvider(), merged.length, body.contentType());
        });
    }

    private byte[] merged(RequestBody body) {
        try (InputStream in = body.contentStreamProvider().newStream()) {
            ObjectNode request = (ObjectNode) JSON.readTree(in);
            merge(request, members);
            return JSON.writeValueAsBytes(request);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void merge(ObjectNode into, ObjectNode from) {
        from.properties().forEach(member -> {
            JsonNode there = into.get(member.getKey());
            if (there instanceof ObjectNode object && member.getValue() instanceof ObjectNode more) {
                merge(object, more);
            } else if (member.getKey().equals(TAGS)
                    && there instanceof ArrayNode tags
                    && member.getValue() instanceof ArrayNode more) {
                tags.addAll(more);
            } else {
                into.set(member.getKey(), member.getValue());
            }
        });
    }
}
