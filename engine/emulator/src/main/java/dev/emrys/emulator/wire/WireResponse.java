package dev.emrys.emulator.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.emrys.emulator.SdkJson;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP response.
 *
 * @param json the body; of AWS STS it is XML
 * @param errorType absent if it is not an error
 * @param requestId absent if the client returned none
 */
record WireResponse(
        int status,
        String json,
        @Nullable String errorType,
        @Nullable String requestId) {

    static final WireResponse FORBIDDEN =
            error(403, "UnrecognizedClientException", "The security token included in the request is invalid.");

    /** An answer of a service with XML. */
    static WireResponse xml(int status, String xml) {
        return new WireResponse(status, xml, null, null);
    }

    boolean isXml() {
        return json.startsWith("<");
    }

    static WireResponse of(String json) {
        return new WireResponse(200, json, null, null);
    }

    /** An error without a shape in EMR's model: its text is in {@code message}, in lower case. */
    static WireResponse error(int status, String type, String message) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        json.put("__type", type).put("message", message);
        return new WireResponse(status, SdkJson.text(json), type, null);
    }
}
