package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.ApiBudget.Priority;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * One request to EMR, sent until there is an answer. Its methods are called by one thread at a time, never before a
 * token is there.
 *
 * @param <R> the answer
 */
abstract class ApiCall<R> {
    final EmrOperation operation;
    final Priority priority;

    /** How often it failed in a row. */
    int failures;

    ApiCall(EmrOperation operation, Priority priority) {
        this.operation = operation;
        this.priority = priority;
    }

    /** What it does, for warnings. */
    abstract String what();

    /** Whether people are told of a failure that lasts. */
    boolean warnsIfLasting() {
        return true;
    }

    /**
     * The runs that it is for; a call that is for runs is not sent when all of them are closed. Empty for a call of the
     * account.
     */
    ImmutableList<EmrRun> runs() {
        return ImmutableList.of();
    }

    /** Whose secrets may be in what EMR says of it. */
    ImmutableList<EmrRun> concealedBy() {
        return runs();
    }

    /**
     * Makes the request. Called again after a throttle, and after a failure unless {@link #uncertain} does something
     * else.
     */
    abstract R send(EmrClient client);

    abstract void answered(R answer);

    /** EMR refused it. */
    abstract void refused(CallFailure.Refused refused);

    /**
     * It may have been executed: called after a pause. Sends it again, which is right for what may be executed twice.
     */
    void uncertain(RetryingCaller calls) {
        calls.begin(this);
    }

    /** There is nothing to send any more; thrown by {@link #send} before it sends. */
    static final class NothingToSendException extends RuntimeException {
        NothingToSendException() {
            super("nothing to send", null, false, false);
        }
    }
}
