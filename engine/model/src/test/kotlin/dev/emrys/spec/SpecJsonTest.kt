package dev.emrys.spec

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain as shouldContainText
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.time.Duration

/** A spec in which every member of every record is set. */
private fun everything(): PipelineSpec {
    val retry =
        RetryPolicy(
            3,
            Backoff(Duration.ofSeconds(30), 1.5, Duration.ofMinutes(10), 0.25),
            ImmutableSet.of(FailureKind.CLUSTER_LOST, FailureKind.BOOTSTRAP),
        )
    val export =
        Configuration("export", ImmutableMap.of("JAVA_HOME", "/usr/lib/jvm/17"), ImmutableList.of())
    val etl =
        ClusterSpec(
            "etl",
            "emr-7.8.0",
            ImmutableList.of("Spark", "Hive"),
            ImmutableList.of(
                InstanceGroup(
                    InstanceRole.PRIMARY,
                    "m6g.xlarge",
                    1,
                    null,
                    SourceLocation("daily.emr.kts", 4, 9),
                ),
                InstanceGroup(
                    InstanceRole.CORE,
                    "m6g.2xlarge",
                    2,
                    SpotMarket(null),
                    SourceLocation.at("daily.emr.kts", 5),
                ),
                InstanceGroup(
                    InstanceRole.TASK,
                    "m6g.4xlarge",
                    8,
                    SpotMarket("0.12"),
                    SourceLocation.UNKNOWN,
                ),
            ),
            ImmutableList.of(
                Configuration(
                    "spark-defaults",
                    ImmutableMap.of("b", "1", "a", "2"),
                    ImmutableList.of(export),
                )
            ),
            ImmutableMap.of("Owner", "data-eng", "Cost", "räw \"7\""),
            "s3://logs/emr/",
            16,
            Duration.ofMinutes(90),
            "EMR_DefaultRole",
            "EMR_EC2_DefaultRole",
            "subnet-1",
            "key-1",
            ImmutableList.of(
                BootstrapAction("tools", "s3://bucket/tools.sh", ImmutableList.of("-v", "2"))
            ),
            retry,
            RawRequest.NONE,
            SourceLocation.at("daily.emr.kts", 3),
        )
    val first =
        StepSpec(
            "curate",
            "etl",
            StepKind.SPARK,
            HadoopJarStep(
                "command-runner.jar",
                null,
                ImmutableList.of("spark-submit", "--conf", "a=\${secret:token}"),
                ImmutableMap.of(),
            ),
            ImmutableList.of(),
            retry,
            Duration.ofHours(2),
            SourceLocation.at("daily.emr.kts", 12),
        )
    val second =
        StepSpec(
            "publish",
            "etl",
            StepKind.RAW,
            HadoopJarStep(
                "s3://bucket/p.jar",
                "org.x.Main",
                ImmutableList.of("\n"),
                ImmutableMap.of("p", "q"),
            ),
            ImmutableList.of("curate"),
            RetryPolicy.NONE,
            null,
            SourceLocation("daily.emr.kts", 20, 0, SourceLocation.at("daily.emr.kts", 31)),
        )
    return PipelineSpec(
        "daily",
        "Raw to curated",
        ImmutableMap.of("day", "2026-04-25", "also", ""),
        ImmutableList.of(etl),
        ImmutableList.of(first, second),
        SourceLocation.at("daily.emr.kts", 1),
    )
}

/** Version 1 has no locations of calls. */
private fun withoutCalls(spec: PipelineSpec): PipelineSpec =
    SpecJson.read(
        ObjectMapper().readTree(SpecJson.write(spec)).let { root ->
            root.findParents("calledFrom").forEach { (it as ObjectNode).remove("calledFrom") }
            root.toString()
        }
    )

private fun history(name: String): String =
    checkNotNull(SpecJsonTest::class.java.getResource("/history/$name")) {
            "history/$name is missing"
        }
        .readText()

class SpecJsonTest :
    FunSpec({
        test("what is written is read again as the same value") {
            everything().check().all() shouldBe listOf()
            SpecJson.read(SpecJson.write(everything())) shouldBe everything()
            SpecJson.read(SpecJson.write(pipeline())) shouldBe pipeline()
        }

        test("a wait is read as it was written") {
            val wait =
                WaitSpec(
                    "pause",
                    Duration.ofMinutes(10),
                    ImmutableList.of("count"),
                    SourceLocation.at("daily.emr.kts", 9),
                )
            val spec = pipeline()
            val waiting =
                PipelineSpec(
                    spec.name(),
                    spec.description(),
                    spec.params(),
                    spec.clusters(),
                    ImmutableList.builder<TaskSpec>().addAll(spec.tasks()).add(wait).build(),
                    spec.location(),
                )
            SpecJson.read(SpecJson.write(waiting)) shouldBe waiting
        }

        test("equal retry policies and locations of a spec are one value in memory") {
            val step = pipeline().steps().first()
            fun named(name: String) =
                StepSpec(
                    name,
                    step.cluster(),
                    step.kind(),
                    step.jarStep(),
                    step.after(),
                    step.retry(),
                    step.timeout(),
                    SourceLocation("daily.emr.kts", 9, 1),
                )
            val spec = pipeline()
            val written =
                PipelineSpec(
                    spec.name(),
                    spec.description(),
                    spec.params(),
                    spec.clusters(),
                    ImmutableList.of(named("a"), named("b")),
                    spec.location(),
                )
            val read = SpecJson.read(SpecJson.write(written))
            read shouldBe written
            // Only the reader of the newest form does that, not the one over a tree.
            read.tasks()[1].retry() shouldBeSameInstanceAs read.tasks()[0].retry()
            read.tasks()[1].location() shouldBeSameInstanceAs read.tasks()[0].location()
        }

        test("limits of root causes are written only where there are some, and read again") {
            val step = pipeline().steps().first()
            val limits = ImmutableMap.of(FailureCause.MISSING_INPUT, 1)
            fun with(retry: RetryPolicy) =
                pipeline().run {
                    PipelineSpec(
                        name,
                        description,
                        params,
                        clusters,
                        ImmutableList.of<TaskSpec>(
                            StepSpec(
                                step.name(),
                                step.cluster(),
                                step.kind(),
                                step.jarStep(),
                                ImmutableList.of(),
                                retry,
                                step.timeout(),
                                step.location(),
                            )
                        ),
                        location,
                    )
                }
            val plain = step.retry().run { RetryPolicy(attempts, backoff, on) }
            val limited = step.retry().run { RetryPolicy(attempts, backoff, on, limits) }
            (SpecJson.write(with(plain)).contains("limits")) shouldBe false
            SpecJson.read(SpecJson.write(with(limited))) shouldBe with(limited)
            // Another order of the members is read over a tree.
            val tree =
                SpecJson.write(with(plain))
                    .replace("\"emrysSpec\":${SpecJson.VERSION},", "")
                    .dropLast(1) + ",\"emrysSpec\":${SpecJson.VERSION}}"
            SpecJson.read(tree) shouldBe with(plain)
        }

        test(
            "members that repeat those of the step before are read as written, and so are others"
        ) {
            val step = pipeline().steps().first()
            val once = step.retry()
            val twice = RetryPolicy(2, once.backoff(), once.on())
            fun named(name: String, retry: RetryPolicy, argument: String, line: Int) =
                StepSpec(
                    name,
                    step.cluster(),
                    step.kind(),
                    step.jarStep().run {
                        HadoopJarStep(jar, mainClass, args, ImmutableMap.of("k", argument))
                    },
                    step.after(),
                    retry,
                    step.timeout(),
                    SourceLocation("ä.emr.kts", line, 1, SourceLocation.at("ä.emr.kts", 1)),
                )
            val tasks =
                ImmutableList.of<TaskSpec>(
                    named("a", once, "}", 1),
                    named("b", once, "}", 1),
                    named("c", twice, "}}", 12),
                    named("d", twice, "}}", 1),
                    named("e", once, "ä", 1),
                    named("f", once, "ä", 1),
                )
            val spec =
                pipeline().run {
                    PipelineSpec(name, description, params, clusters, tasks, location)
                }
            val read = SpecJson.read(SpecJson.write(spec))
            read shouldBe spec
            read.steps()[1].jarStep() shouldBeSameInstanceAs read.steps()[0].jarStep()
            read.steps()[5].jarStep() shouldBeSameInstanceAs read.steps()[4].jarStep()
        }

        test(
            "the logs of a step are its own, and those of the next ones too when they are the same"
        ) {
            val logs = StepLogs("s3://bucket/logs/", null)
            val keyed = StepLogs(null, "arn:aws:kms:eu-central-1:123456789012:key/0a1b")
            fun step(name: String, logs: StepLogs?) =
                pipeline().steps().first().run {
                    StepSpec(
                        name,
                        cluster,
                        kind,
                        jarStep,
                        after,
                        retry,
                        timeout,
                        location,
                        logs,
                        null,
                    )
                }
            val tasks =
                listOf(null, logs, logs, null, null, keyed).mapIndexed { i, each ->
                    step("s$i", each)
                }
            val spec =
                pipeline().run {
                    PipelineSpec(
                        name,
                        description,
                        params,
                        clusters,
                        ImmutableList.copyOf<TaskSpec>(tasks),
                        location,
                    )
                }
            spec.check().all() shouldBe listOf()
            val text = SpecJson.write(spec)
            SpecJson.read(text) shouldBe spec
            val written = ObjectMapper().readTree(text)["pipeline"]["tasks"]
            written.map { it.path("logs").toString() } shouldBe
                listOf(
                    "",
                    "{\"uri\":\"s3://bucket/logs/\"}",
                    "",
                    "null",
                    "",
                    "{\"encryptionKeyArn\":\"${keyed.encryptionKeyArn()}\"}",
                )
        }

        test("the runtime role of a step is its own, and is not written for none") {
            val role = "arn:aws:iam::123456789012:role/etl"
            val steps =
                listOf(null, role, role, null).mapIndexed { i, each -> step("s$i", role = each) }
            val spec = pipeline(steps = steps)
            val text = SpecJson.write(spec)
            SpecJson.read(text).steps().map { it.runtimeRole() } shouldBe
                listOf(null, role, role, null)
            val tasks = ObjectMapper().readTree(text)["pipeline"]["tasks"]
            tasks.map { it.path("runtimeRole").toString() } shouldBe
                listOf("", "\"$role\"", "", "null")
            SpecJson.write(pipeline()).contains("runtimeRole") shouldBe false
        }

        test("a step lacks the members that equal those of the step before it, waits left out") {
            val first = pipeline().steps().first()
            fun step(name: String, timeout: Duration?, after: List<String>) = first.run {
                StepSpec(
                    name,
                    cluster,
                    kind,
                    jarStep,
                    ImmutableList.copyOf(after),
                    retry,
                    timeout,
                    location,
                )
            }
            val wait = WaitSpec("w", Duration.ofMinutes(1), ImmutableList.of(), first.location())
            val tasks =
                ImmutableList.of<TaskSpec>(
                    step("a", Duration.ofHours(1), listOf()),
                    wait,
                    step("b", Duration.ofHours(1), listOf("a")),
                    step("c", null, listOf("a")),
                    step("d", null, listOf()),
                )
            val spec =
                pipeline().run {
                    PipelineSpec(name, description, params, clusters, tasks, location)
                }
            val text = SpecJson.write(spec)
            val written = ObjectMapper().readTree(text)["pipeline"]["tasks"]
            written.drop(2).map { "$it" } shouldBe
                listOf(
                    """{"type":"step","name":"b","after":["a"]}""",
                    """{"type":"step","name":"c","timeout":null}""",
                    """{"type":"step","name":"d","after":[]}""",
                )
            SpecJson.read(text) shouldBe spec
            // The version comes last, which only the reader over a tree takes.
            val other = ObjectMapper().readTree(text) as ObjectNode
            other.set<ObjectNode>("emrysSpec", other.remove("emrysSpec"))
            SpecJson.read("$other") shouldBe spec
        }

        test("in version 2 a member that is missing is not that of the step before") {
            val root = ObjectMapper().readTree(history("spec-v2.json"))
            (root["pipeline"]["tasks"][1] as ObjectNode).remove("kind")
            val text = "$root"
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldContainText
                "kind"
        }

        test("the same spec in another form of JSON is read as the same spec") {
            val text = SpecJson.write(everything())
            val pretty = ObjectMapper().readTree(text).toPrettyString()
            SpecJson.read(pretty) shouldBe everything()
            // The type of a task comes last, and the version too.
            val other = ObjectMapper().readTree(text) as ObjectNode
            other.path("pipeline").path("tasks").forEach {
                (it as ObjectNode).set<ObjectNode>("type", it.remove("type"))
            }
            other.set<ObjectNode>("emrysSpec", other.remove("emrysSpec"))
            SpecJson.read("$other") shouldBe everything()
        }

        test("a step whose member has a wrong form is refused") {
            val text = SpecJson.write(everything())
            listOf(
                    "\"kind\":\"SPARK\"" to "\"kind\":\"SPORK\"",
                    "\"after\":[\"curate\"]" to "\"after\":\"curate\"",
                    "\"after\":[\"curate\"]" to "\"later\":[\"curate\"]",
                    "\"timeout\":\"PT2H\"" to "\"timeout\":\"two hours\"",
                    "\"line\":12" to "\"line\":\"twelve\"",
                    "\"attempts\":3" to "\"attempts\":null",
                )
                .forEach { (from, to) ->
                    text shouldContainText from
                    shouldThrow<IllegalArgumentException> { SpecJson.read(text.replace(from, to)) }
                }
            shouldThrow<IllegalArgumentException> { SpecJson.read(text.dropLast(1)) }
        }

        test("the text is the same however often it is read and written") {
            val once = SpecJson.write(everything())
            SpecJson.write(SpecJson.read(once)) shouldBe once
        }

        listOf("spec-v1.json", "spec-v2.json", "spec-v3.json").forEach { fixture ->
            test("the spec of a released version is read: $fixture") {
                val expected = everything()
                SpecJson.read(history(fixture)) shouldBe
                    if (fixture == "spec-v1.json") withoutCalls(expected) else expected
            }
        }

        test("the form of the newest version has not changed: another form is another version") {
            val mapper = ObjectMapper()
            mapper.readTree(SpecJson.write(everything())) shouldBe
                mapper.readTree(history("spec-v${SpecJson.VERSION}.json"))
        }

        test(
            "a member named as one that version 2 renamed is the author's where the author names members"
        ) {
            val text =
                history("spec-v1.json")
                    .replace("\"Owner\"", "\"place\"")
                    .replace("\"also\"", "\"place\"")
            val read = SpecJson.read(text)
            read.clusters().single().tags().keys shouldContain "place"
            read.params().keys shouldContain "place"
        }

        test("a later version is refused by its number") {
            val later = SpecJson.write(pipeline()).replace("\"emrysSpec\":3", "\"emrysSpec\":4")
            shouldThrow<IllegalArgumentException> { SpecJson.read(later) }.message shouldBe
                "The spec has version 4; this Emrys reads versions 1 to 3."
        }

        test("version 0 is refused") {
            val text = SpecJson.write(pipeline()).replace("\"emrysSpec\":3", "\"emrysSpec\":0")
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldBe
                "The spec has version 0; this Emrys reads versions 1 to 3."
        }

        listOf("", "[]", "{}", "null", "7", "{\"pipeline\":{}}").forEach { text ->
            test("the text <$text> has no version and is refused") {
                shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldBe
                    "The text is not the JSON form of a spec: it has no \"emrysSpec\"."
            }
        }

        listOf(
                "pipeline",
                "{\"emrysSpec\":3",
                "{\"emrysSpec\":3}",
                "{\"emrysSpec\":3,\"pipeline\":null}",
                "{\"emrysSpec\":3,\"pipeline\":[]}",
            )
            .forEach { text ->
                test("the text <$text> is not a spec and is refused") {
                    shouldThrow<IllegalArgumentException> { SpecJson.read(text) }
                        .message shouldContainText "The text is not the JSON form of a spec"
                }
            }

        test("a member that no version has is refused, not dropped") {
            val text =
                SpecJson.write(pipeline()).replace("\"params\":", "\"colour\":\"red\",\"params\":")
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldContainText
                "colour"
        }

        test("a member that is missing has its default") {
            val text =
                SpecJson.write(pipeline())
                    .replace("\"stepConcurrency\":1,", "")
                    .replace("\"rawRequest\":{},", "")
                    .replace("\"after\":[],", "")
            SpecJson.read(text) shouldBe pipeline()
        }

        test("a required member that is missing is refused by name") {
            val text = SpecJson.write(pipeline()).replace("\"releaseLabel\":\"emr-7.8.0\",", "")
            shouldThrow<IllegalArgumentException> { SpecJson.read(text) }.message shouldContainText
                "releaseLabel"
        }

        test("a raw request is kept with its order, and is not shared with the caller") {
            val tree = ObjectMapper().createObjectNode().put("ReleaseLabel", "emr-9.9.9")
            val raw = RawRequest.of(tree)
            tree.put("ReleaseLabel", "changed")
            raw.tree().path("ReleaseLabel").textValue() shouldBe "emr-9.9.9"
            raw.tree().put("ReleaseLabel", "changed")
            raw.tree().path("ReleaseLabel").textValue() shouldBe "emr-9.9.9"
        }
    })
