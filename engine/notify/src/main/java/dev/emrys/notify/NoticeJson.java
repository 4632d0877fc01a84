package dev.emrys.notify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** A notice in JSON; a member without a value is left out. Thread-safe. */
final class NoticeJson {
    private NoticeJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ObjectNode of(Notice notice) {
        ObjectNode json = object();
        json.put("id", notice.id());
        json.put("kind", notice.kind().json());
        json.put("pipeline", notice.pipeline());
        if (notice.schedule() != null) {
            json.put("schedule", notice.schedule());
        }
        if (notice.run() != null) {
            json.put("run", notice.run());
        }
        json.put("at", notice.at().toString());
        json.put("title", notice.title());
        json.put("text", notice.text());
        return json;
    }

    /** In UTF-8. Half a character, such as the end of a text that others cut, becomes a question mark. */
    static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
