package dev.emrys.cli

import java.util.concurrent.Callable
import picocli.AutoComplete
import picocli.CommandLine.Command
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.Parameters
import picocli.CommandLine.Spec

/** The shells that `emrys completion` writes a script for. */
internal enum class Shell {
    BASH,
    ZSH,
}

/**
 * Prints picocli's completion script. It is one script for both shells: in zsh it loads
 * `bashcompinit` itself.
 */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description =
        [
            "Prints a script that completes emrys's commands and options in a shell.",
            "bash: add `source <(emrys completion bash)` to ~/.bashrc.",
            "zsh:  add `source <(emrys completion zsh)` to ~/.zshrc.",
        ],
)
internal class CompletionCommand(private val console: Console) : Callable<Int> {
    @Parameters(paramLabel = "bash|zsh", description = ["The shell."]) lateinit var shell: Shell
    @Spec lateinit var spec: CommandSpec

    override fun call(): Int {
        console.print(AutoComplete.bash("emrys", spec.root().commandLine()))
        return ExitCode.SUCCEEDED.code
    }
}
