package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Starts {@link ResumeCase}: one journal for all rounds, each of which takes the run over again.
 *
 * @param state the folder of the journal
 * @param preparation the case that fills it
 * @param measured what is measured in each round
 */
record ResumeCases(Path state, String preparation, JvmCase measured) implements Case {
    /** The same journal is resumed with much and with little memory, and one with snapshots with little. */
    static ImmutableList<Case> in(Path work) {
        Path plain = work.resolve("resume-state");
        return ImmutableList.of(
                new ResumeCases(plain, "prepare-resume", resume("resume", "-Xmx4g", Row.RESUME, Row.RESUME_HEAP)),
                new ResumeCases(
                        plain, "prepare-resume", resume("resume-small-heap", "-Xmx512m", Row.RESUME_SMALL_HEAP)),
                new ResumeCases(
                        work.resolve("resume-snapshot-state"),
                        "prepare-resume-snapshot",
                        resume("resume-snapshot", "-Xmx512m", Row.RESUME_SNAPSHOT)));
    }

    private static JvmCase resume(String name, String memory, Row... rows) {
        ImmutableList<String> options = ImmutableList.<String>builder()
                .addAll(JvmCase.LAUNCHER)
                .add(memory)
                .build();
        return JvmCase.engine(name, options, rows);
    }

    @Override
    public String name() {
        return measured.name();
    }

    @Override
    public ImmutableList<Row> rows() {
        return measured.rows();
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        if (Files.exists(state)) {
            return;
        }
        Files.createDirectories(state);
        var unused = JvmCase.engine(preparation, ImmutableList.of()).measure(preparation, state, state);
    }

    @Override
    public ImmutableList<Sample> measure(Path folder) throws IOException, InterruptedException {
        return measured.measure(name(), folder, state);
    }
}
