package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.FaultRule.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;

/**
 * The fault rules of an emulator. They are asked in their order, and the first one that applies decides. They are not
 * stored: a restarted emulator has none. The same rules and the same events in the same order give the same faults.
 * Thread-safe.
 */
public final class FaultRules implements Faults {

    private final List<Counted> rules = new ArrayList<>();

    private static final class Counted {
        final FaultRule rule;
        final SplittableRandom random;
        long seen;
        long applied;

        Counted(FaultRule rule) {
            this.rule = rule;
            random = new SplittableRandom(rule.seed());
        }

        boolean applies() {
            seen++;
            Long count = rule.count();
            if (seen <= rule.skip() || (count != null && applied >= count)) {
                return false;
            }
            if (rule.probability() < 1 && random.nextDouble() >= rule.probability()) {
                return false;
            }
            applied++;
            return true;
        }
    }

    /**
     * Reads rules: a JSON object with the member {@code rules}, and {@code seed} for rules that have none of their own.
     *
     * @throws MalformedJsonException the text is not JSON, or not of rules; the message says where
     */
    public static ImmutableList<FaultRule> parse(String json) {
        return new FaultRuleReader().rules(json);
    }

    /** Adds rules after the ones that there are. */
    public synchronized void add(List<FaultRule> added) {
        added.forEach(rule -> rules.add(new Counted(rule)));
    }

    /** Removes all rules. */
    public synchronized void clear() {
        rules.clear();
    }

    /**
     * The rules as they were given, with how many events each has {@code seen} and to how many it has been {@code
     * applied}.
     */
    public synchronized ObjectNode json() {
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        ArrayNode array = json.putArray("rules");
        rules.forEach(one ->
                array.add(one.rule.json().deepCopy().put("seen", one.seen).put("applied", one.applied)));
        return json;
    }

    @Override
    public Optional<Fault> next(String operation) {
        return apply(effect -> effect instanceof Effect.OfCall call && call.isOf(operation))
                .map(effect -> ((Effect.OfCall) effect).fault());
    }

    /** Whether EC2 has no instances for the cluster that starts now. */
    boolean hasInsufficientCapacity() {
        return apply(effect -> effect instanceof Effect.InsufficientCapacity).isPresent();
    }

    /** Whether the bootstrap action that would start now fails; 0 is the installation of the applications. */
    boolean bootstrapFails(int action) {
        return apply(effect -> effect instanceof Effect.BootstrapFailure failure && failure.isOf(action))
                .isPresent();
    }

    /**
     * All that apply to a cluster.
     *
     * @param roles in which it has instances
     * @param rolesOfSpot in which it has Spot Instances
     */
    synchronized ImmutableList<Effect.InstanceLoss> losses(
            Set<InstanceRoleType> roles, Set<InstanceRoleType> rolesOfSpot) {
        ImmutableList.Builder<Effect.InstanceLoss> applied = ImmutableList.builder();
        for (Counted one : rules) {
            if (one.rule.effect() instanceof Effect.InstanceLoss loss) {
                Set<InstanceRoleType> possible = loss.ofSpot() ? rolesOfSpot : roles;
                boolean matches = loss.role() == null ? !possible.isEmpty() : possible.contains(loss.role());
                if (matches && one.applies()) {
                    applied.add(loss);
                }
            }
        }
        return applied.build();
    }

    private synchronized Optional<Effect> apply(Predicate<Effect> matches) {
        return rules.stream()
                .filter(one -> matches.test(one.rule.effect()) && one.applies())
                .findFirst()
                .map(one -> one.rule.effect());
    }
}
