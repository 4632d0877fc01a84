package dev.emrys.cli

import com.google.common.collect.ImmutableMap
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.language.Aws
import dev.emrys.language.Local
import dev.emrys.language.RunTarget
import dev.emrys.spec.AwsCode
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.ScriptCode
import dev.emrys.view.RunHeader
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.time.Instant
import java.time.LocalDate
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

private const val ROLE = "arn:aws:iam::123456789012:role/etl"

private fun options(set: TargetOptions.() -> Unit = {}) = TargetOptions().apply(set)

private fun refusal(action: () -> Unit): Diagnostic =
    shouldThrow<StopException> { action() }.diagnostics.first()

class TargetSelectionTest :
    FunSpec({
        val folder: Path = tempdir().toPath().toRealPath()
        val scripts = folder.resolve("pipes/daily").createDirectories()
        val script = scripts.resolve("daily.emr.kts")
        val state = folder.resolve("state/.emrys")
        val file = folder.resolve("pipes/emrys.properties")

        fun loaded(target: String): LoadResult {
            script.writeText(
                """
                pipeline("daily") {
                    target = $target
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("one") { bash("true") }
                }
                """
                    .trimIndent()
            )
            val day = lazyOf(LocalDate.of(2026, 4, 25))
            return ScriptHost(EmrysProgram.CACHE.resolve("scripts"))
                .load(LoadRequest(script, "daily.emr.kts", emptyMap(), false, day))
        }

        /** What a script says. */
        fun declared(target: String): RunTarget? = (loaded(target) as LoadResult.Ready).target

        fun choice(declared: RunTarget? = null, set: TargetOptions.() -> Unit = {}) =
            TargetSelection(options(set)).choice(declared, script, state)

        val inScript = declared("aws { profile = \"script\"; region = \"us-west-2\" }") as Aws

        beforeTest { Files.deleteIfExists(file) }

        test("without a word anywhere a run is local") {
            choice() shouldBe TargetChoice.LOCAL
        }

        test("the command line is before the script, the script before emrys.properties") {
            file.writeText(
                """
                # Where the runs of this folder are executed.
                target = aws
                aws.profile = file
                aws.region: eu-west-1
                aws.role = arn:aws:iam::123456789012:role/file
                """
                    .trimIndent()
            )
            choice().settings shouldBe
                ImmutableMap.of(
                    "profile",
                    "file",
                    "region",
                    "eu-west-1",
                    "role",
                    "arn:aws:iam::123456789012:role/file",
                )
            choice(inScript) { profile = "line" }.settings shouldBe
                ImmutableMap.of(
                    "profile",
                    "line",
                    "region",
                    "us-west-2",
                    "role",
                    "arn:aws:iam::123456789012:role/file",
                )
            choice(Local) shouldBe TargetChoice.LOCAL
            choice(Local) { target = TargetName.AWS }.name shouldBe "aws"
            choice(inScript) { target = TargetName.LOCAL } shouldBe TargetChoice.LOCAL
        }

        test("emrys.properties beside the state folder is used where the script has none") {
            val beside = state.parent.createDirectories().resolve("emrys.properties")
            beside.writeText("target = aws\n")
            choice().name shouldBe "aws"
            file.writeText("target = local\n")
            choice().name shouldBe "local"
            Files.delete(beside)
        }

        test("the size of the local account is that of a variable, else of emrys.properties") {
            fun size(variable: String? = null, of: TargetChoice = choice()) =
                LocalSteps.of(
                    of,
                    state,
                    listOfNotNull(variable).associateBy { LocalSteps.VARIABLE },
                )
            size() shouldBe null
            file.writeText("local.steps = 3\n")
            size() shouldBe 3
            size("") shouldBe 3
            size("5") shouldBe 5
            for (wrong in listOf("many", "0", "1001")) {
                refusal { size(wrong) }
                    .let {
                        it.what() shouldBe "\"$wrong\" is not a value of EMRYS_LOCAL_STEPS."
                        it.fix() shouldBe "Write a whole number from 1 to 1000."
                    }
            }
            file.writeText("\nlocal.steps = many\n")
            refusal { choice() }.headline() shouldBe
                "$file:2:1: error E507: \"many\" is not a value of local.steps."
        }

        test("a run that is continued has the size of the file beside the state folder") {
            val beside = state.parent.createDirectories().resolve("emrys.properties")
            beside.writeText("local.steps = 2\n")
            LocalSteps.of(TargetChoice.LOCAL, state, emptyMap()) shouldBe 2
            // The commands that take their target from it report it.
            beside.writeText("local.step = 2\n")
            LocalSteps.of(TargetChoice.LOCAL, state, emptyMap()) shouldBe null
            Files.delete(beside)
        }

        test("mistakes in emrys.properties are named with their lines") {
            file.writeText(
                "target = awz\n\n  aws.profil = x\naws.region\naws.role = $ROLE\naws.role = $ROLE\n" +
                    "aws.region = Berlin\n"
            )
            val errors = shouldThrow<StopException> { choice() }.diagnostics
            errors.map { it.code() } shouldContainExactly
                listOf(
                    CommandCode.PROPERTIES_TARGET,
                    CommandCode.PROPERTIES_KEY,
                    CommandCode.PROPERTIES_LINE,
                    CommandCode.PROPERTIES_TWICE,
                    AwsCode.VALUE_FORM,
                )
            errors.last().headline() shouldBe
                "$file:7:1: error E741: aws.region: \"Berlin\" is not a region such as eu-central-1."
            errors[1].headline() shouldBe
                "$file:3:3: error E581: \"aws.profil\" is not a key of emrys.properties."
            errors[1].fix() shouldContain "Did you mean aws.profile?"
        }

        test("prices are those of the file that emrys.properties names from its folder") {
            fun rates() = PriceFiles.rates("aws", script, state)!!.prices()
            rates().region() shouldBe "us-east-1"
            file.writeText("aws.prices = own/prices.json\n")
            val prices = file.resolveSibling("own").createDirectories().resolve("prices.json")
            refusal { rates() }.code() shouldBe CommandCode.PRICES_UNREADABLE
            prices.writeText("{\"date\": \"2026-10-01\", \"region\": \"eu-central-1\"}")
            rates().region() shouldBe "eu-central-1"
            prices.writeText("{\"date\": \"2026-10-01\", \"region\": \"x\", \"prices\": {}}")
            refusal { rates() }.headline() shouldContain
                "prices.json cannot be read: prices is not known"
            PriceFiles.rates("local", script, state) shouldBe null
        }

        test("a file that is not text is refused") {
            Files.write(file, byteArrayOf(0xC3.toByte(), 0x28))
            refusal { choice() }.code() shouldBe CommandCode.PROPERTIES_UNREADABLE
        }

        test("options of AWS without the target aws, and a malformed endpoint, are mistakes") {
            refusal { choice { role = "x" } }.what() shouldBe
                "--role is for the target aws, and the target is local."
            val endpoint = refusal {
                choice {
                    target = TargetName.AWS
                    endpoint = "127.0.0.1:8790"
                }
            }
            endpoint.code() shouldBe CommandCode.ENDPOINT_FORM
        }

        test(
            "a place for files is of the command line, else of the script, else of emrys.properties"
        ) {
            file.writeText(
                "target = aws\naws.staging = s3://file/x/\naws.endpoint.s3 = http://127.0.0.1:1\n"
            )
            val declared = declared("aws { staging = s3(\"s3://script/x\") }") as Aws
            choice().settings shouldBe
                ImmutableMap.of("s3Endpoint", "http://127.0.0.1:1", "staging", "s3://file/x/")
            choice(declared).settings["staging"] shouldBe "s3://script/x"
            choice(declared) { staging = "s3://line" }.settings["staging"] shouldBe "s3://line"
            for (wrong in listOf("line/x", "s3://b", "s3://bucket/\$day", "s3://Bucket/a b")) {
                val refused = refusal { choice { staging = wrong } }
                refused.code() shouldBe CommandCode.STAGING_FORM
                refused.what() shouldContain wrong
            }
            file.writeText("target = aws\naws.endpoint.s3 = here\n")
            refusal { choice() }.code() shouldBe CommandCode.ENDPOINT_FORM
        }

        val malformed: List<Pair<String, TargetOptions.() -> Unit>> =
            listOf(
                "--region" to { region = "" },
                "--region" to { region = "eu central" },
                "--role" to { role = "etl" },
                "--profile" to { profile = " " },
            )
        for ((option, set) in malformed) {
            val value = options(set).let { it.region ?: it.role ?: it.profile }
            test("$option \"$value\" is refused, for a new run and for one that goes on") {
                val started = refusal {
                    choice {
                        target = TargetName.AWS
                        set()
                    }
                }
                val recorded = ImmutableMap.of("account", "1", "region", "eu-west-1")
                val run =
                    RunHeader("r", "o", "p", "", "aws", Instant.EPOCH, null, null, null, recorded)
                val continued = refusal { TargetSelection(options(set)).continued(run) }
                for (refused in listOf(started, continued)) {
                    refused.code() shouldBe AwsCode.VALUE_FORM
                    refused.what() shouldContain "$option: \"$value\" is not"
                }
            }
        }

        test("an endpoint with a port that no machine has is refused") {
            refusal {
                choice {
                    target = TargetName.AWS
                    endpoint = "http://127.0.0.1:87900"
                }
            }
                .code() shouldBe CommandCode.ENDPOINT_FORM
        }

        fun distrusted() = refusal {
            choice()
        }
            .also { it.code() shouldBe AwsCode.SETTINGS_UNTRUSTED }

        test("emrys.properties that other users may write is not read") {
            file.writeText("target = aws\n")
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"))
            distrusted().what() shouldBe
                "$file is not read: other users may write the file $file, its mode is 0646."
        }

        test("emrys.properties in a folder in which other users may replace it is not read") {
            file.writeText("target = aws\n")
            val open = PosixFilePermissions.fromString("rwxrwxrwx")
            val mode = Files.getPosixFilePermissions(file.parent)
            Files.setPosixFilePermissions(file.parent, open)
            try {
                distrusted().what() shouldContain "other users may write the folder ${file.parent}"
                // As /tmp: a file of this user's own is replaced by nobody else there.
                Files.setAttribute(file.parent, "unix:mode", "1777".toInt(8))
                choice().name shouldBe "aws"
            } finally {
                Files.setPosixFilePermissions(file.parent, mode)
            }
        }

        test("emrys.properties of another user, also by a link, is not read").config(
            enabledOrReasonIf = {
                if (System.getProperty("user.name") == "root") Enabled.enabled
                else Enabled.disabled("only root may give a file to another user")
            }
        ) {
            file.writeText("target = aws\n")
            Files.setAttribute(file, "unix:uid", 65534)
            distrusted().what() shouldContain "the file $file belongs to the user"
            val other = Files.move(file, folder.resolve("other"))
            Files.createSymbolicLink(file, other)
            distrusted().what() shouldContain "the file $other belongs to the user"
        }

        test("a schedule that waits for objects is not served on aws, which it would never see") {
            val text =
                "pipeline(\"load\") {\n    schedule(objectArrival(\"s3://inbox/day/\"))\n" +
                    "    wait(\"w\", 1.seconds)\n}\n"
            val waits = scripts.resolve("load.emr.kts").also { it.writeText(text) }
            val host = ScriptHost(EmrysProgram.CACHE.resolve("scripts"))
            val log = ServeLog(Console(), json = false, tellsLoaded = false)
            fun served(target: TargetChoice) =
                ServedScripts(listOf(waits), host, log, null) { _, _ -> target }
            served(TargetChoice.LOCAL).scan(first = true)!!.map { it.id() } shouldBe
                listOf("load/main")
            val onAws = served(TargetChoice("aws", ImmutableMap.of()))
            onAws.scan(first = true)!!.size shouldBe 0
            onAws.takeBroken().single().reason shouldContain
                "error E742: The schedule load/main waits for objects below s3://inbox/day/"
        }

        test("malformed values of aws in a script are errors of the script") {
            val refused =
                loaded("aws { role = \"etl\"; region = \"Berlin\" }") as LoadResult.Refused
            refused.errors.map { it.code() } shouldContainExactly
                listOf(ScriptCode.AWS_VALUE, ScriptCode.AWS_VALUE)
        }

        test("a run goes on in its account and region, with other credentials if they are named") {
            val recorded = ImmutableMap.of("account", "1", "region", "eu-west-1", "profile", "a")
            val run =
                RunHeader("r", "otter", "p", "", "aws", Instant.EPOCH, null, null, null, recorded)
            fun continued(set: TargetOptions.() -> Unit = {}) =
                TargetSelection(options(set)).continued(run)
            continued() shouldBe recorded
            continued { profile = "b" }["profile"] shouldBe "b"
            continued { region = "eu-west-1" } shouldBe recorded
            refusal { continued { region = "us-east-1" } }.what() shouldBe
                "The run otter was started on aws in eu-west-1, and cannot go on on aws in us-east-1."
            refusal { continued { target = TargetName.LOCAL } }.code() shouldBe
                CommandCode.TARGET_OF_RUN
        }
    })
