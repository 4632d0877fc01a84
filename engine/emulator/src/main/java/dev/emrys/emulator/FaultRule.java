package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;

/**
 * When a fault happens. The events that a rule is about, calls of an operation or starts of clusters, are numbered: the
 * first {@code skip} ones are left alone, and then {@code count} of them get the fault, each with the probability.
 *
 * @param count null for all of them
 * @param probability from 0 to 1
 * @param seed of the random numbers for the probability
 * @param json as it was given
 */
public record FaultRule(
        Effect effect, long skip, @Nullable Long count, double probability, long seed, ObjectNode json) {

    /** What happens. */
    public sealed interface Effect {

        /**
         * A fault of a call.
         *
         * @param operation EMR's name of it, or {@code *} for all
         */
        record OfCall(String operation, Fault fault) implements Effect {
            boolean isOf(String called) {
                return operation.equals("*") || operation.equals(called);
            }
        }

        /**
         * A bootstrap action that fails without being run.
         *
         * @param action 1 for the first; null for the first of any cluster, and the installation of the applications if
         *     it has none
         */
        record BootstrapFailure(@Nullable Integer action) implements Effect {
            boolean isOf(int failing) {
                return action == null ? failing <= 1 : action == failing;
            }
        }

        /**
         * EC2 takes a Spot Instance back, or an instance of any market fails.
         *
         * @param ofSpot whether it is a Spot Instance that is taken back
         * @param role of its group or fleet; null for the first that has one of TASK, CORE and MASTER
         * @param after how long after the cluster became ready
         * @param replacedAfter how long the replacement takes
         */
        record InstanceLoss(boolean ofSpot, @Nullable InstanceRoleType role, Duration after, Duration replacedAfter)
                implements Effect {}

        /** EC2 has no instances for a new cluster. */
        record InsufficientCapacity() implements Effect {}
    }
}
