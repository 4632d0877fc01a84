package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days

class DiagnosticsTest :
    FunSpec({
        test("a script without a pipeline") {
            val evaluated = evaluate {}
            evaluated.spec shouldBe null
            evaluated.diagnostics.single().toString() shouldBe
                "pipelines/x.emr.kts: error E201: The script declares no pipeline.\n    Write pipeline(\"name\") { … } at its top level."
        }

        test("a second pipeline, with the location of the first") {
            val evaluated = evaluate {
                pipeline("one") {}
                pipeline("two") {}
            }
            val first = evaluated.spec!!.location()
            evaluated.told() shouldContainExactly
                listOf(
                    "The script declares a second pipeline, \"two\". | The first is \"one\" at $first: write one pipeline per file."
                )
            evaluated.diagnostics.single().location().line() shouldBe first.line() + 1
        }

        test("two pipelines may have a parameter of the same name: one error is enough") {
            evaluate {
                pipeline("one") { param("day") { default = "x" } }
                pipeline("two") { param("day") { default = "x" } }
            }
                .diagnostics
                .size shouldBe 1
        }

        test("a step after a step of another pipeline") {
            val told = evaluate {
                lateinit var foreign: StepHandle
                pipeline("one") { foreign = cluster("c") {}.step("s") { bash("date") } }
                pipeline("two") {
                    cluster("d") {}
                        .step("t") {
                            bash("date")
                            after(foreign)
                        }
                }
            }
                .told()
            told shouldContain
                "The step \"t\" is after \"s\", which is a step of another pipeline, \"one\". | " +
                    "A step can only wait for steps of its own pipeline. Remove it from after(…)."
        }

        test("a step after one of its own name") {
            val told = toldOf {
                val c = cluster("c") {}
                val first = c.step("s") { bash("date") }
                c.step("s") {
                    bash("date")
                    after(first)
                }
            }
            told.single() shouldBe
                "The step \"s\" is after a step of its own name. | " +
                    "A step cannot wait for itself. Rename one of the two, or remove it from after(…)."
        }

        test("a step that runs nothing, at the step's location") {
            val evaluated = evaluate {
                pipeline("p") {
                    val c = cluster("c") {}
                    c.step("s") {}
                }
            }
            evaluated.told().single() shouldBe
                "The step \"s\" does not say what to run. | " +
                    "Write one of sparkSubmit, sparkSql, sparkExample, mapReduce, bash, script, hadoopJarStep."
            evaluated.diagnostics.single().location() shouldBe
                evaluated.spec!!.steps().single().location()
        }

        test("a step that runs two things, at the second") {
            val evaluated = evaluate {
                pipeline("p") {
                    cluster("c") {}
                        .step("s") {
                            bash("date")
                            sparkExample("SparkPi")
                        }
                }
            }
            evaluated.told().single() shouldBe
                "The step \"s\" already runs bash. | " +
                    "A step runs one thing. Write sparkExample in a step of its own; after(…) orders the two."
            evaluated.diagnostics.single().location().line() shouldBe
                evaluated.spec!!.steps().single().location().line() + 2
        }

        test("values that have no text") {
            toldOfStep { sparkSubmit("s3://bucket/x.jar") { args(listOf("a", null)) } }
                .single() shouldBe
                "An argument is a null, which cannot be written as text. | " +
                    "Give a text, a number, a Boolean, a date, file(…), s3(…) or secret(…)."
            toldOfStep { sparkSubmit("s3://bucket/x.jar") { conf("k", listOf("a")) } }
                .single() shouldStartWith "conf(\"k\") is a list, which cannot be written as text."
            toldOfStep { sparkSubmit("s3://bucket/x.jar") { conf("k", Any()) } }.single() shouldBe
                "conf(\"k\") is a Object, which cannot be written as text. | " +
                    "Give a text, a number, a Boolean, a date, file(…), s3(…) or secret(…)."
        }

        test("locations that are not on S3") {
            for (uri in
                listOf(
                    "",
                    "my-bucket",
                    "http://b/x",
                    "s3:/bucket/x",
                    "s3://b",
                    "s3://my bucket/",
                    " s3://bucket",
                )) {
                evaluate { pipeline("p") { s3(uri) } }.told().single() shouldBe
                    "\"$uri\" is not an S3 location. | " +
                        "A bucket's name has 3 to 255 letters, digits, '.', '_' and '-'. Write \"s3://bucket/key\"."
            }
            toldOfStep { sparkSubmit("s3:/bucket/x.jar") }.single() shouldStartWith
                "\"s3:/bucket/x.jar\" is not an S3 location."
            toldOfStep { mapReduce("S3://bucket/x.jar") }.single() shouldStartWith
                "\"S3://bucket/x.jar\" is not an S3 location."
        }

        test("locations that are on S3") {
            for (uri in
                listOf(
                    "s3://bucket",
                    "s3://bucket/",
                    "s3://bucket/a/b c.d",
                    "s3a://bucket/räw/",
                    "s3n://my.bucket_1/",
                )) {
                evaluate { pipeline("p") { s3(uri).uri shouldBe uri } }.diagnostics.shouldBeEmpty()
            }
        }

        test("secrets, files and commands without a name") {
            evaluate { pipeline("p") { secret("a b}") } }.told().single() shouldBe
                "\"a b}\" is not the name of a secret. | " +
                    "Use 1 to 512 letters, digits and / _ + = . @ -, the first of them a letter, a digit, / or _, such as secret(\"warehouse/password\")."
            evaluate { pipeline("p") { file(" ") } }.told().single() shouldBe
                "file(\"\") names no file. | Write a path, such as file(\"../target/etl.jar\")."
            evaluate { pipeline("p") { file("a\u0000b") } }.told().single() shouldBe
                "\"a?b\" is not a path: Nul character not allowed. | Write a path, such as file(\"../target/etl.jar\")."
            toldOfStep { bash(" ") }.single() shouldBe
                "bash(\"\") runs nothing. | Write a command, such as bash(\"date\")."
            toldOfStep { sparkSubmit("") }.single() shouldBe
                "sparkSubmit(\"\") names no application. | Name a jar or a .py file, such as \"s3://bucket/etl.jar\"."
        }

        test("a step inside a step") {
            evaluate {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("a") {
                        bash("date")
                        c.step("b") { bash("date") }
                    }
                    c.step("c") { bash("date") }
                }
            }
                .told()
                .single() shouldBe
                "The step \"b\" is declared inside the step \"a\". | " +
                    "Declare it after that block; after(…) says which runs first."
        }

        test("durations that are endless") {
            toldOf { cluster("c") { idleTimeout = Duration.INFINITE } }.single() shouldBe
                "idleTimeout of the cluster \"c\" is Infinity, which exceeds the maximum of 36,500 days. | " +
                    "Write a number of minutes, hours or days."
            toldOfStep {
                bash("date")
                retry { backoff = constant(400_000.days) }
                timeout = -Duration.INFINITE
            }
                .size shouldBe 2
        }

        test("what the spec checks is left to it: a number out of range is kept as written") {
            val evaluated = evaluate { pipeline("p") { cluster("c") { stepConcurrency = 999 } } }
            evaluated.diagnostics.shouldBeEmpty()
            evaluated.spec!!.clusters().single().stepConcurrency() shouldBe 999
        }

        test("diagnostics are known before the end, for a script that throws") {
            val evaluation =
                ScriptEvaluation(ScriptInputs(emptyMap(), false, lazyOf(TODAY), "x.emr.kts", "/"))
            evaluation.scope.secret("")
            evaluation.diagnosticsSoFar().single().what() shouldBe
                "\"\" is not the name of a secret."
        }
    })
