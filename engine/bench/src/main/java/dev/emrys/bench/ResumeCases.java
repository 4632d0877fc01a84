package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts {@link ResumeCase}: one journal for all rounds, each of which takes the run over again. */
record ResumeCases(Path state, JvmCase large, JvmCase small) implements Case {
    static ResumeCases in(Path state) {
        ImmutableList<String> launcher = JvmCase.LAUNCHER;
        return new ResumeCases(
                state,
                JvmCase.engine("resume", with(launcher, "-Xmx4g"), Row.RESUME, Row.RESUME_HEAP),
                JvmCase.engine("resume-small-heap", with(launcher, "-Xmx512m"), Row.RESUME_SMALL_HEAP));
    }

    private static ImmutableList<String> with(ImmutableList<String> options, String more) {
        return ImmutableList.<String>builder().addAll(options).add(more).build();
    }

    @Override
    public String name() {
        return "resume";
    }

    @Override
    public ImmutableList<Row> rows() {
        return ImmutableList.of(Row.RESUME, Row.RESUME_HEAP);
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        Files.createDirectories(state);
        var unused = JvmCase.engine("prepare-resume", ImmutableList.of()).measure("prepare-resume", state, state);
    }

    @Override
    public ImmutableList<Sample> measure(Path folder) throws IOException, InterruptedException {
        return large.measure("resume", folder, state);
    }

    /** The same with a heap that the target allows; fails where that is too small. */
    Case withSmallHeap() {
        return new Case() {
            @Override
            public String name() {
                return small.name();
            }

            @Override
            public ImmutableList<Row> rows() {
                return small.rows();
            }

            @Override
            public ImmutableList<Sample> measure(Path folder) throws IOException, InterruptedException {
                return small.measure(small.name(), folder, state);
            }
        };
    }
}
