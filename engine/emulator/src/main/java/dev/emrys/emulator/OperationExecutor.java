package dev.emrys.emulator;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsResponseMetadata;
import software.amazon.awssdk.awscore.DefaultAwsResponseMetadata;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.EmrResponse;

/**
 * Executes operations: quotas, planned faults and fault rules, the service model's constraints, one transaction, the
 * request id. Thread-safe.
 */
final class OperationExecutor {

    private static final String REQUEST_ID = "AWS_REQUEST_ID";

    private final EmulatorPorts ports;
    private final EmulatorSettings settings;
    private final Transactor transactor;
    private final FaultRules faultRules;
    private final ApiQuotas quotas = new ApiQuotas();
    private final AtomicLong requests = new AtomicLong();

    OperationExecutor(EmulatorPorts ports, EmulatorSettings settings, Transactor transactor, FaultRules faultRules) {
        this.ports = ports;
        this.settings = settings;
        this.transactor = transactor;
        this.faultRules = faultRules;
    }

    Transactor transactor() {
        return transactor;
    }

    <T extends EmrResponse> T call(
            String operation, SdkPojo request, Function<AccountState, T> body, DeferredError deferredError) {
        return withRequestId(execute(operation, () -> Constraints.check(operation, request), body, deferredError));
    }

    /**
     * As {@link #call}, with any type of result.
     *
     * @param check throws if the request violates the service model
     */
    <T> T execute(String operation, Runnable check, Function<AccountState, T> body, DeferredError deferredError) {
        if (settings.quotas() && !quotas.take(operation, ports.clock().instant())) {
            throw Errors.throttled();
        }
        Fault fault = ports.faults()
                .next(operation)
                .or(() -> faultRules.next(operation))
                .orElse(null);
        if (fault instanceof Fault.Throttle) {
            throw Errors.throttled();
        } else if (fault instanceof Fault.ErrorBefore) {
            throw Errors.internal(operation, "We encountered an internal error. Please try again.");
        } else if (fault instanceof Fault.Refuse refuse) {
            throw Errors.refused(operation, refuse.code(), refuse.text());
        } else if (fault instanceof Fault.Slow slow) {
            await(operation, slow.delay());
        }
        check.run();
        T response = executed(operation, fault, body);
        if (fault instanceof Fault.ErrorAfter) {
            throw Errors.internal(operation, "We encountered an internal error. Please try again.");
        }
        deferredError.throwIfSet();
        return response;
    }

    /** By the scheduler, so that the time is that of the emulator's clock. */
    private void await(String operation, Duration delay) {
        CountDownLatch over = new CountDownLatch(1);
        ports.scheduler().at(transactor.now().plus(delay), over::countDown);
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.internal(operation, "The emulator is closed.");
        }
    }

    private <T> T executed(String operation, @Nullable Fault fault, Function<AccountState, T> body) {
        Duration hideFor = fault instanceof Fault.HideFromListing hidden ? hidden.lag() : null;
        try {
            return transactor.transact(hideFor, body);
        } catch (StoreFailedException e) {
            throw Errors.internal(operation, String.valueOf(e.getMessage()));
        } catch (EmrException e) {
            throw fault instanceof Fault.ErrorAfter
                    ? Errors.internal(operation, "We encountered an internal error. Please try again.")
                    : e;
        }
    }

    /** Callers that log AWS request ids get one here too. */
    @SuppressWarnings("unchecked")
    private <T extends EmrResponse> T withRequestId(T response) {
        String id =
                String.format("%08x-0000-4000-8000-%012x", settings.region().hashCode(), requests.incrementAndGet());
        AwsResponseMetadata metadata = DefaultAwsResponseMetadata.create(ImmutableMap.of(REQUEST_ID, id));
        return (T) response.toBuilder().responseMetadata(metadata).build();
    }

    /** An error of a transaction that is committed all the same. */
    static final class DeferredError {
        private @Nullable EmrException error;

        void set(Optional<EmrException> exception) {
            error = exception.orElse(null);
        }

        void throwIfSet() {
            if (error != null) {
                throw error;
            }
        }
    }
}
