package dev.emrys.spec

import com.fasterxml.jackson.databind.node.JsonNodeFactory
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import java.time.Duration

private fun of(jar: HadoopJarStep): List<Message> =
    pipeline(steps = listOf(step(jar = jar))).check().messages()

private fun of(retry: RetryPolicy): List<Message> =
    pipeline(steps = listOf(step(retry = retry))).check().messages()

private fun backoff(
    initial: Duration = Duration.ofSeconds(1),
    factor: Double = 2.0,
    max: Duration = Duration.ofMinutes(1),
    jitter: Double = 0.0,
) = retry(backoff = Backoff(initial, factor, max, jitter))

class StepDiagnosticsTest :
    FunSpec({
        test("a step needs a jar") {
            of(jar(" ")) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The step \"count\" has no jar.",
                        "Name one, such as \"s3://bucket/job.jar\" or \"command-runner.jar\".",
                    )
                )
        }

        test("command-runner needs a command") {
            of(jar(HadoopJarStep.COMMAND_RUNNER)) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The step \"count\" gives command-runner.jar no command to run.",
                        "Name the command first, such as args(\"spark-submit\", …).",
                    )
                )
            of(jar(HadoopJarStep.COMMAND_RUNNER, listOf("true"))).shouldBeEmpty()
        }

        test("a runtime role is an ARN, and its cluster has a security configuration") {
            fun of(role: String, vararg clusters: ClusterSpec) =
                pipeline(clusters = clusters.toList(), steps = listOf(step(role = role)))
                    .check()
                    .messages()
            val role = "arn:aws:iam::123456789012:role/team/etl"
            fun secured(release: String = "emr-7.8.0") =
                cluster(
                    release = release,
                    raw =
                        RawRequest.of(
                            JsonNodeFactory.instance
                                .objectNode()
                                .put("SecurityConfiguration", "lake")
                        ),
                )
            of(role, secured()).shouldBeEmpty()
            of(role, secured("emr-6.7.0")).shouldBeEmpty()
            of(role, secured("emr-6.6.0")) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "There is runtimeRole in the step \"count\", but no release of its cluster that has runtime roles.",
                        "EMR has them from emr-6.7.0 on: write a newer release in the cluster.",
                    )
                )
            of(role, cluster()) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "There is runtimeRole in the step \"count\", but no securityConfiguration of its cluster.",
                        "Write securityConfiguration = \"…\" in the cluster: that configuration allows runtime roles.",
                    )
                )
            of("etl", secured()) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "runtimeRole of the step \"count\" is \"etl\".",
                        "Write its ARN, such as \"arn:aws:iam::123456789012:role/etl\".",
                    )
                )
        }

        test("an argument of a jar is no longer than EMR's limit") {
            of(jar(args = listOf("x".repeat(10_281)))) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "An argument of the step \"count\" has 10281 characters; EMR takes 10280.",
                        "Put the text into a file on s3:// and pass its name.",
                    )
                )
        }

        test("the texts of a jar's step together are no longer than EMR's limit") {
            // The jar's own URI has 19 characters.
            of(jar(args = listOf("x".repeat(5_000), "y".repeat(5_221)))).shouldBeEmpty()
            of(jar(args = listOf("x".repeat(5_000), "y".repeat(5_222)))) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "The jar, main class, arguments and properties of the step \"count\" have 10241" +
                            " characters; EMR takes 10240.",
                        "Put the long ones into a file on s3:// and pass its name.",
                    )
                )
        }

        test("a command may be longer than EMR's limit, but not than that of Linux") {
            fun command(text: String) =
                jar(HadoopJarStep.COMMAND_RUNNER, listOf("bash", "-c", text))
            of(command("x".repeat(131_071))).shouldBeEmpty()
            of(command("é".repeat(65_536))) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "An argument of the step \"count\" has 131072 bytes; Linux passes 131071 to a program.",
                        "Put the text into a file on s3:// and pass its name.",
                    )
                )
        }

        test("an argument holds no NUL") {
            of(jar(args = listOf("a\u0000b"))) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "An argument of the step \"count\" holds a NUL character.",
                        "The operating system cannot pass one to a program. Remove it.",
                    )
                )
        }

        listOf(0, 101, -1).forEach { bad ->
            test("retry does not take $bad attempts") {
                of(retry(attempts = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(5),
                            "retry has attempts = $bad.",
                            "The first attempt counts. Write 1 (no retry) to 100.",
                        )
                    )
            }
        }

        test("a refused request cannot be retried") {
            of(retry(on = setOf(FailureKind.STEP, FailureKind.REFUSED))) shouldContainExactly
                listOf(
                    Message(
                        at(5),
                        "A refused request cannot be retried.",
                        "EMR would refuse the same request again. Remove it from on(…).",
                    )
                )
        }

        listOf(
                backoff(initial = Duration.ofSeconds(-1)) to "-1 s up to 1 min",
                backoff(max = Duration.ofSeconds(-1)) to "1 s up to -1 s",
            )
            .forEach { (bad, words) ->
                test("a backoff of $words is negative") {
                    of(bad) shouldContainExactly
                        listOf(
                            Message(
                                at(5),
                                "A backoff of $words is negative.",
                                "Write a wait of zero or more.",
                            )
                        )
                }
            }

        listOf(0.99, 100.1, Double.NaN).forEach { bad ->
            test("a backoff factor of $bad is out of range") {
                of(backoff(factor = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(5),
                            "The backoff factor $bad is out of range.",
                            "Write a factor from 1 (constant) to 100.",
                        )
                    )
            }
        }

        listOf(-0.1, 1.1, Double.NaN).forEach { bad ->
            test("a jitter of $bad is out of range") {
                of(backoff(jitter = bad)) shouldContainExactly
                    listOf(
                        Message(
                            at(5),
                            "The backoff jitter $bad is out of range.",
                            "Write a share from 0.0 to 1.0.",
                        )
                    )
            }
        }

        test("the limits of a retry are allowed") {
            of(
                    RetryPolicy(
                        100,
                        Backoff(Duration.ZERO, 1.0, Duration.ZERO, 1.0),
                        RetryPolicy.RETRYABLE,
                    )
                )
                .shouldBeEmpty()
            of(retry(attempts = 1, backoff = Backoff(Duration.ZERO, 100.0, Duration.ZERO, 0.0)))
                .shouldBeEmpty()
        }
    })
