package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.aws.AwsSettings
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepSpec
import dev.emrys.spec.TargetCode
import dev.emrys.testing.cluster
import dev.emrys.testing.pipeline
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText

private const val LIMIT = HadoopJarStep.MAX_CHARACTERS

private fun spec(vararg args: String): PipelineSpec =
    pipeline(listOf(cluster("a", logUri = "s3://logs/")), listOf(command("s", "a", *args)))

private fun StepSpec.args(): List<String> = jarStep().args()

/** What a script with these arguments prints. */
private fun output(script: String, vararg values: String): String {
    val process = ProcessBuilder(listOf("bash", script) + values).redirectErrorStream(true).start()
    return process.inputReader().readText().also { process.waitFor() }
}

class LongArgumentsTest :
    FunSpec({
        val state: Path = tempdir().toPath().resolve("state")
        val arguments = LongArguments(state)

        fun replaced(vararg args: String): List<String> =
            arguments.replaced(spec(*args), ImmutableList.of("bash"), false).steps().single().args()

        test("a step with as many characters as EMR takes stays as it is, a longer one does not") {
            val room = LIMIT - HadoopJarStep.COMMAND_RUNNER.length - "echo".length
            LongArguments.`in`(spec("echo", "x".repeat(room))).shouldBeEmpty()
            LongArguments.`in`(spec("echo", "x".repeat(room + 1))).map {
                it.name()
            } shouldContainExactly listOf("s")
            // What is filled in may be longer than its placeholder.
            LongArguments.`in`(spec("echo", "x".repeat(room - 500))).shouldBeEmpty()
            LongArguments.`in`(spec("echo", "\${run:name}", "x".repeat(room - 500))).map {
                it.name()
            } shouldContainExactly listOf("s")
            val short = spec("echo", "x")
            arguments.replaced(short, ImmutableList.of("bash"), false) shouldBe short
            Files.exists(state) shouldBe false
        }

        test("the script passes every argument to the command as it was written") {
            val odd = listOf("it's", "a \"b\" \$HOME `id`", "two\nlines", "", "ü", "\\")
            val step = replaced("printf", "[%s]", *odd.toTypedArray(), "x".repeat(LIMIT))
            step.first() shouldBe "bash"
            step.size shouldBe 2
            output(step[1]) shouldBe odd.joinToString("") { "[$it]" } + "[${"x".repeat(LIMIT)}]"
            Files.getPosixFilePermissions(Path.of(step[1])).map { it.name }.sorted() shouldBe
                listOf("OWNER_READ", "OWNER_WRITE")
        }

        test("what is filled in later is passed to the script, and is not in it") {
            val step =
                replaced(
                    "printf",
                    "%s|%s|%s|%.1s",
                    "it's \${run:name}",
                    "\${secret:db}",
                    "\${run:name}/\${secret:db}",
                    "x".repeat(LIMIT),
                )
            step.drop(2) shouldContainExactly listOf("\${run:name}", "\${secret:db}")
            Path.of(step[1]).readText() shouldNotContain "secret"
            output(step[1], "bold finch", "a'b \$c") shouldBe
                "it's bold finch|a'b \$c|bold finch/a'b \$c|x"
        }

        test("the same arguments have the same script") {
            replaced("echo", "x".repeat(LIMIT)) shouldBe replaced("echo", "x".repeat(LIMIT))
            (replaced("echo", "y".repeat(LIMIT)) == replaced("echo", "x".repeat(LIMIT))) shouldBe
                false
            // Nothing is left of the writing.
            Files.list(state.resolve("arguments")).use { files ->
                files.filter { it.fileName.toString().startsWith("part-") }.count() shouldBe 0
            }
        }

        test("for a copy to S3 the script is named by its URI") {
            val step =
                arguments
                    .replaced(spec("echo", "x".repeat(LIMIT)), ImmutableList.of("run"), true)
                    .steps()
                    .single()
            step.args()[1] shouldEndWith ".sh"
            LocalFiles.`in`(step.args()[1]).toList() shouldContainExactly listOf(step.args()[1])
            LocalFiles.problem(step.args()[1]).isEmpty shouldBe true
        }

        test("on AWS they need a place on S3, and the plan names it") {
            val long = spec("echo", "x".repeat(LIMIT))
            fun settings(staging: String?) = AwsSettings(null, null, null, null, null, staging)
            val secrets = SecretSource(emptyMap(), state)
            fun preflight(staging: String?) =
                AwsPreflight(secrets, settings(staging), emptyMap()).diagnostics(long) { true }
            preflight(null).single().let {
                it.code() shouldBe TargetCode.ARGUMENTS_NOT_STAGED
                it.what() shouldContain "${long.steps().single().jarStep().characters()} characters"
            }
            preflight("s3://b/place/").shouldBeEmpty()
            AwsPreflight.preparations(long, settings("s3://b/place/")).single() shouldContain
                "Copies the arguments of the step \"s\""
        }
    })
