package dev.emrys.runtime;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.drive.Target;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.journal.FireInputs;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.JournalException;
import dev.emrys.run.Outcome;
import dev.emrys.scheduler.FireResult;
import dev.emrys.scheduler.FireResult.Kind;
import dev.emrys.scheduler.FireRunner;
import dev.emrys.scheduler.LogicalTimes;
import dev.emrys.scheduler.ServedSchedule;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.InvalidSpecException;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.view.RunHeader;
import dev.emrys.view.TaskView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Runs the fires of schedules with an engine. Thread-safe. */
public final class EngineFireRunner implements FireRunner, AutoCloseable {
    /** How many scripts are evaluated and targets connected at the same time. */
    private static final int THREADS = 4;

    private final Engine engine;
    private final Specs specs;
    private final String by;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS,
            new ThreadFactoryBuilder()
                    .setNameFormat("emrys-fire-%d")
                    .setDaemon(true)
                    .build());

    /** Evaluates scripts. Thread-safe. */
    public interface Specs {
        /**
         * The spec of a schedule's pipeline for a fire. Blocks.
         *
         * @param inputs what its params may depend on
         * @throws RefusedException when the author has to change something
         */
        PipelineSpec of(ServedSchedule schedule, FireRecord fire, FireInputs inputs) throws RefusedException;

        /**
         * The target of the runs of a schedule; by default that of the engine.
         *
         * @throws RefusedException when the author has to change something
         */
        default Target target(ServedSchedule schedule, Engine engine) throws RefusedException {
            return engine.defaultTarget();
        }
    }

    /** The author has to change something before a run can be started. */
    public static final class RefusedException extends Exception {
        /** @param message what, in one line */
        public RefusedException(String message) {
            super(message);
        }
    }

    /** @param by this process, for the history */
    public EngineFireRunner(Engine engine, Specs specs, String by) {
        this.engine = engine;
        this.specs = specs;
        this.by = by;
    }

    @Override
    public CompletableFuture<FireResult> run(ServedSchedule schedule, FireRecord fire) {
        return onThread(done -> begin(schedule, fire, done));
    }

    /** Completes its argument, now or later. */
    private interface Begin {
        void begin(CompletableFuture<FireResult> done) throws RefusedException;
    }

    private CompletableFuture<FireResult> onThread(Begin begin) {
        CompletableFuture<FireResult> done = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    begin.begin(done);
                } catch (Throwable e) {
                    done.complete(result(e));
                }
            });
        } catch (RejectedExecutionException closed) {
            done.complete(FireResult.of(Kind.LEFT));
        }
        return done;
    }

    /** As {@link #run}, but a run that has failed or was cancelled is continued: what succeeded is not repeated. */
    public CompletableFuture<FireResult> repeat(FireRecord fire) {
        return onThread(done -> {
            RunHeader run =
                    find(fire.run()).orElseThrow(() -> new RefusedException("There is no run " + fire.run() + "."));
            follow(engine.resume(run.id(), () -> {}), done);
        });
    }

    private void begin(ServedSchedule schedule, FireRecord fire, CompletableFuture<FireResult> done)
            throws RefusedException {
        Optional<RunHeader> known = find(fire.run());
        if (known.isPresent()) {
            if (!known.get().pipeline().equals(schedule.pipeline())) {
                throw new RefusedException("The journal has a run " + fire.run() + " of the pipeline "
                        + known.get().pipeline() + " already.");
            }
            follow(take(known.get(), done), done);
            return;
        }
        FireInputs inputs =
                engine.schedules().inputs(fire).orElseGet(() -> FireInputs.of(LogicalTimes.of(schedule.fires(), fire)));
        Target target = specs.target(schedule, engine);
        PipelineSpec spec = prepared(target, schedule, fire, inputs);
        var unused = engine.startOnce(
                        target, spec, schedule.script(), fire.run(), inputs.logicalTime(), () -> {}, threads)
                .whenComplete((handle, failure) -> {
                    if (failure == null) {
                        follow(handle, done);
                    } else {
                        done.complete(result(failure));
                    }
                });
    }

    private void follow(Optional<RunHandle> handle, CompletableFuture<FireResult> done) {
        if (handle.isPresent()) {
            follow(handle.get(), done);
        } else {
            // Without effect when it is known what has become of the run.
            done.complete(FireResult.of(Kind.ELSEWHERE));
        }
    }

    private PipelineSpec prepared(Target target, ServedSchedule schedule, FireRecord fire, FireInputs inputs)
            throws RefusedException {
        PipelineSpec spec = specs.of(schedule, fire, inputs);
        Optional<Diagnostic> error = target.preflight(spec, step -> true).stream()
                .filter(Diagnostic::isError)
                .findFirst();
        if (error.isPresent()) {
            throw new RefusedException(error.get().headline());
        }
        target.fetch(spec, (what, files, bytes) -> {});
        return spec;
    }

    private Optional<RunHandle> take(RunHeader run, CompletableFuture<FireResult> done) {
        if (run.outcome() != null) {
            done.complete(ended(run.id(), run.outcome()));
            return Optional.empty();
        }
        return run.driver() == null ? Optional.of(engine.takeOver(run.id(), () -> {})) : Optional.empty();
    }

    private void follow(RunHandle handle, CompletableFuture<FireResult> done) {
        var unused = handle.done().whenComplete((outcome, failure) -> {
            try {
                // On a thread of its own: the driver's turns wait for nothing.
                threads.execute(() -> done.complete(failure == null ? ended(handle.id(), outcome) : result(failure)));
            } catch (RejectedExecutionException closed) {
                done.complete(FireResult.of(Kind.LEFT));
            }
        });
    }

    private FireResult ended(String run, Outcome outcome) {
        return switch (outcome) {
            case SUCCEEDED -> FireResult.of(Kind.SUCCEEDED);
            case CANCELLED -> FireResult.of(Kind.CANCELLED);
            case FAILED -> new FireResult(Kind.FAILED, whyFailed(run));
        };
    }

    /** The first failure of a run, in one line. */
    private String whyFailed(String run) {
        try {
            return engine.runs().view(run).tasks().stream()
                    .filter(task -> task.failure() != null)
                    .findFirst()
                    .map(EngineFireRunner::text)
                    .orElse("");
        } catch (RuntimeException e) {
            // How it ended is known; why is only for people.
            return "";
        }
    }

    private static String text(TaskView task) {
        String reason = Optional.ofNullable(task.reason()).orElse("");
        int end = reason.indexOf('\n');
        return task.id() + ": " + (end < 0 ? reason : reason.substring(0, end));
    }

    private static FireResult result(Throwable failure) {
        Throwable cause = Throwables.getRootCause(failure);
        if (RunHandle.isAbandoned(failure) || cause instanceof RejectedExecutionException) {
            return FireResult.of(Kind.LEFT);
        }
        for (Throwable each : Throwables.getCausalChain(failure)) {
            if (each instanceof Engine.HeldException) {
                return FireResult.of(Kind.ELSEWHERE);
            }
            if (each instanceof TargetUnavailableException
                    || each instanceof JournalException
                    || each instanceof UntrustedStateException) {
                return new FireResult(Kind.NOT_NOW, message(each));
            }
            if (each instanceof RefusedException || each instanceof InvalidSpecException) {
                return new FireResult(Kind.FAILED, message(each));
            }
        }
        return new FireResult(
                Kind.FAILED, "a bug in Emrys: " + cause.getClass().getSimpleName() + " " + message(cause));
    }

    private static String message(Throwable failure) {
        @Nullable String message = failure.getMessage();
        return message == null ? "" : message.lines().findFirst().orElse("");
    }

    @Override
    public void cancel(String run) {
        try {
            threads.execute(() -> find(run)
                    .filter(found -> found.outcome() == null)
                    .ifPresent(found -> engine.requestCancellation(found.id(), by)));
        } catch (RejectedExecutionException closed) {
            // The run is left to others, who decide about it again.
        }
    }

    /** By the whole name: a prefix of another one would be found too. */
    private Optional<RunHeader> find(String name) {
        return engine.runs().find(name).filter(run -> run.name().equals(name));
    }

    /** Begins nothing any more; what is begun goes on with the engine. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
