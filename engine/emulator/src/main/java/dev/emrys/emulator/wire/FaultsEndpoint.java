package dev.emrys.emulator.wire;

import dev.emrys.emulator.FaultRules;
import dev.emrys.emulator.MalformedJsonException;
import dev.emrys.emulator.SdkJson;

/**
 * Answers {@code /_emrys/faults}: GET lists the account's fault rules, POST adds those of its body, DELETE removes all.
 * Each answer has the rules that there are then. A caller sends the access key id as the header {@code X-Emrys-Token},
 * or signs the request as for AWS.
 */
final class FaultsEndpoint {

    private FaultsEndpoint() {}

    static WireResponse respond(FaultRules rules, String method, String body) {
        try {
            switch (method) {
                case "GET" -> {}
                case "POST" -> rules.add(FaultRules.parse(body));
                case "DELETE" -> rules.clear();
                default -> {
                    return WireResponse.error(
                            405,
                            "MethodNotAllowedException",
                            "Fault rules are listed, added and removed: " + "send GET, POST or DELETE.");
                }
            }
        } catch (MalformedJsonException e) {
            return WireResponse.error(400, "InvalidFaultRuleException", String.valueOf(e.getMessage()));
        }
        return WireResponse.of(SdkJson.text(rules.json()));
    }
}
