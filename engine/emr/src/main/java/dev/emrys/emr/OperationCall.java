package dev.emrys.emr;

import com.google.common.collect.ImmutableList;

/** A call for one attempt of an operation; what EMR refuses has failed. */
abstract class OperationCall<R> extends ApiCall<R> {
    final OperationAttempt of;

    OperationCall(EmrOperation operation, ApiBudget.Priority priority, OperationAttempt of) {
        super(operation, priority);
        this.of = of;
    }

    @Override
    String what() {
        return of.what();
    }

    @Override
    ImmutableList<EmrRun> runs() {
        return ImmutableList.of(of.run);
    }

    @Override
    void refused(CallFailure.Refused refused) {
        of.refused(refused);
    }
}
