package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.emrys.local.PrivateFiles;
import dev.emrys.local.UntrustedFileException;
import dev.emrys.spec.HadoopJarStep;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.StepSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Steps of {@code command-runner.jar} with more characters than EMR takes. A shell script that has the command and its
 * arguments takes their place; it gets what is filled in later, such as the run's name and secrets, as arguments of its
 * own, so that no secret is in a file.
 */
final class LongArguments {
    /** A placeholder may become longer when it is filled in. */
    private static final int ROOM_FOR_PLACEHOLDERS = 1024;

    /** Below the state folder: a run that is resumed needs the scripts again. */
    static final String FOLDER = "arguments";

    private final Path stateFolder;
    private final Path folder;

    /** @param stateFolder is created with the first script */
    LongArguments(Path stateFolder) {
        this.stateFolder = stateFolder.toAbsolutePath().normalize();
        this.folder = this.stateFolder.resolve(FOLDER);
    }

    /** The steps of a spec whose arguments need a script. */
    static ImmutableList<StepSpec> in(PipelineSpec spec) {
        return spec.steps().stream().filter(LongArguments::isLong).collect(ImmutableList.toImmutableList());
    }

    private static boolean isLong(StepSpec step) {
        HadoopJarStep jarStep = step.jarStep();
        int room = jarStep.args().stream().anyMatch(Placeholders::any) ? ROOM_FOR_PLACEHOLDERS : 0;
        return jarStep.jar().equals(HadoopJarStep.COMMAND_RUNNER)
                && jarStep.characters() > HadoopJarStep.MAX_CHARACTERS - room;
    }

    /**
     * The spec with a command for each of these steps that runs its script.
     *
     * @param command begins the arguments of such a step; the URI or path of the script follows
     * @param asUri whether the script is named by its URI, as other files of this machine that are copied to S3
     * @throws UncheckedIOException when a script cannot be written
     */
    PipelineSpec replaced(PipelineSpec spec, ImmutableList<String> command, boolean asUri) {
        if (in(spec).isEmpty()) {
            return spec;
        }
        return spec.withTasks(spec.tasks().stream()
                .map(task -> task instanceof StepSpec step && isLong(step) ? replaced(step, command, asUri) : task)
                .collect(ImmutableList.toImmutableList()));
    }

    private StepSpec replaced(StepSpec step, ImmutableList<String> command, boolean asUri) {
        Script script = Script.of(step.jarStep().args());
        Path file = write(script.text());
        return step.withArguments(ImmutableList.<String>builder()
                .addAll(command)
                .add(asUri ? file.toUri().toASCIIString() : file.toString())
                .addAll(script.values())
                .build());
    }

    /**
     * A shell script that runs a command.
     *
     * @param values what it must be given as arguments: placeholders, which are filled in later
     */
    record Script(String text, ImmutableList<String> values) {
        static Script of(List<String> args) {
            List<String> values = new ArrayList<>();
            StringBuilder text = new StringBuilder("exec");
            for (String arg : args) {
                String quoted = arg.replace("'", "'\\''");
                text.append(" '")
                        .append(Placeholders.fill(
                                quoted, (kind, name) -> reference("${" + kind + ":" + name + "}", values)))
                        .append('\'');
            }
            return new Script(text.append('\n').toString(), ImmutableList.copyOf(values));
        }

        /** Ends the quoted text, inserts the argument that has the value, and goes on. */
        private static String reference(String placeholder, List<String> values) {
            if (!values.contains(placeholder)) {
                values.add(placeholder);
            }
            return "'\"${" + (values.indexOf(placeholder) + 1) + "}\"'";
        }
    }

    private Path write(String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve(Hashing.sha256().hashBytes(content) + ".sh");
        try {
            if (Files.exists(file) && Files.size(file) == content.length) {
                return file;
            }
            PrivateFiles.createFolder("state folder", stateFolder);
            PrivateFiles.createFolder("folder", folder);
            Path part = Files.createTempFile(folder, "part-", ".sh");
            Files.write(part, content);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            return file;
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The arguments of a step cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }
}
