package dev.emrys.run;

import com.google.common.collect.ImmutableList;

/** Collects the commands that events ask for; an event is given to it when it is applied. */
final class EventCommands implements Event.RunCases, Event.TaskCases {
    private final RunState state;
    private final TaskBehavior[] behaviors;
    private final ImmutableList.Builder<Command> commands = ImmutableList.builder();

    /** The task of the event that is being read. */
    private int index;

    /** @param behaviors by the index of their task */
    EventCommands(RunState state, TaskBehavior[] behaviors) {
        this.state = state;
        this.behaviors = behaviors;
    }

    ImmutableList<Command> collected() {
        return commands.build();
    }

    void add(Event event) {
        if (event instanceof Event.OfTask ofTask) {
            index = state.graph().indexOf(ofTask.task());
            ofTask.accept(this);
        } else {
            ((Event.OfRun) event).accept(this);
        }
    }

    private TaskBehavior behavior() {
        return behaviors[index];
    }

    @Override
    public void started(Event.RunStarted event) {}

    @Override
    public void resumed(Event.RunResumed event) {}

    @Override
    public void reopened(Event.RunReopened event) {}

    @Override
    public void cancelRequested(Event.CancelRequested event) {
        for (int i = 0; i < behaviors.length; i++) {
            commands.addAll(behaviors[i].withdrawal(state, i));
        }
    }

    @Override
    public void ended(Event.RunEnded event) {}

    @Override
    public void intended(Event.AttemptIntended event) {
        commands.addAll(behavior().submit(state, index, false));
    }

    @Override
    public void accepted(Event.AttemptAccepted event) {
        commands.addAll(behavior().watch(state, index));
    }

    @Override
    public void running(Event.AttemptRunning event) {
        if (state.progress(index).phase == Phase.RUNNING) {
            commands.addAll(behavior().deadline(state, index));
        }
    }

    @Override
    public void succeeded(Event.AttemptSucceeded event) {}

    @Override
    public void failed(Event.AttemptFailed event) {}

    @Override
    public void cancelling(Event.AttemptCancelling event) {
        commands.addAll(behavior().cancel(state, index));
    }

    @Override
    public void timedOut(Event.AttemptTimedOut event) {
        commands.addAll(behavior().cancel(state, index));
    }

    @Override
    public void cancelled(Event.AttemptCancelled event) {}

    @Override
    public void scopeLost(Event.ScopeLost event) {}

    @Override
    public void retryPlanned(Event.RetryPlanned event) {
        commands.add(TaskBehavior.retryTimer(state.progress(index)));
    }

    @Override
    public void retryDue(Event.RetryDue event) {}

    @Override
    public void taskFailed(Event.TaskFailed event) {}

    @Override
    public void taskSkipped(Event.TaskSkipped event) {}

    @Override
    public void taskCancelled(Event.TaskCancelled event) {}
}
