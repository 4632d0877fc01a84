package dev.emrys.host

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import kotlin.time.Duration.Companion.milliseconds

class ScriptHostTest :
    FunSpec({
        val folder = tempdir().toPath()
        val host = ScriptHost(tempdir().toPath())

        fun refused(file: Path, host_: ScriptHost = host) =
            host_.load(request(file)).shouldBeInstanceOf<LoadResult.Refused>()

        test("a file that is not there, is a folder or has another ending") {
            refused(folder.resolve("none.emr.kts")).told() shouldBe
                "none.emr.kts: error E302: There is no such file.\n    Looked for ${folder.resolve("none.emr.kts")}.\n"
            folder.script("here.emr.kts", fine("p"))
            refused(folder.resolve("here")).told() shouldBe
                "here: error E302: There is no such file.\n    Did you mean here.emr.kts?\n"
            refused(folder.resolve("a.emr.kts").createDirectories()).told() shouldBe
                "a.emr.kts: error E301: This is a folder, not a script.\n    Name a file in it that ends in .emr.kts.\n"
            refused(folder.script("x.kts", fine("p"))).told() shouldBe
                "x.kts: error E303: This is not the name of a script: it does not end in .emr.kts.\n    Rename it to end in .emr.kts.\n"
        }

        test("a file that is not UTF-8 says in which line") {
            val file = folder.resolve("latin.emr.kts")
            file.writeBytes("// one\n// two\n// r\u00e4w\n".toByteArray(Charsets.ISO_8859_1))
            refused(file).told() shouldBe
                "latin.emr.kts:3: error E306: The script is not UTF-8 text.\n    Save it with the encoding UTF-8.\n"
        }

        test(
            "files and folders may have spaces and letters of any language, and a script finds its neighbours"
        ) {
            val text =
                """pipeline("p") { cluster("c") { instances { primary("m6g.xlarge") } }.step("s") { sparkSubmit(file("../x.jar")) } }"""
            val file = folder.script("my räw 数据/ti'm \$x 数.emr.kts", text)
            val spec = host.load(request(file)).shouldBeInstanceOf<LoadResult.Ready>().spec
            spec.location().toString() shouldBe "ti'm \$x 数.emr.kts:1"
            spec.steps().single().jarStep().args().last() shouldBe
                folder.resolve("x.jar").toUri().toString()
        }

        test("a byte order mark and Windows line ends change no position") {
            val text = "\uFEFF// one\r\npipeline(\"p\") {\r\n\tzqxj()\r\n}\r\n"
            refused(folder.script("windows.emr.kts", text)).told() shouldBe
                "windows.emr.kts:3:2: error E312: 'zqxj' is unknown.\n" +
                    "    Declare it above the line that uses it, or correct the spelling.\n" +
                    "  | \tzqxj()\n  | \t^^^^\n"
        }

        test(
            "the same script is compiled once, under whatever name, and its places follow the name"
        ) {
            val first =
                host
                    .load(request(folder.script("one.emr.kts", fine("same"))))
                    .shouldBeInstanceOf<LoadResult.Ready>()
            val second =
                host
                    .load(request(folder.script("two.emr.kts", fine("same"))))
                    .shouldBeInstanceOf<LoadResult.Ready>()
            first.fromCache shouldBe false
            second.fromCache shouldBe true
            first.spec.location().file() shouldBe "one.emr.kts"
            second.spec.location().file() shouldBe "two.emr.kts"
            first.warnings.shouldBeEmpty()
            second.warnings.shouldBeEmpty()
        }

        test("parameters are told with the spec, and with what was refused at run time") {
            val text = "pipeline(\"p\") {\n    val n = intParam(\"n\")\n    cluster(\"c\") { }\n}"
            val file = folder.script("params.emr.kts", text)
            refused(file).params.map { it.name } shouldContainExactly listOf("n")
            refused(file).errors.map { it.location().line() } shouldContainExactly listOf(2, 3, 3)
        }

        test("a script that does not end is given up, with the line where it hangs") {
            val loop = "var n = 0L\n\nwhile (true) {\n    n++\n}\n"
            val loaded =
                refused(
                    folder.script("loop.emr.kts", loop),
                    ScriptHost(tempdir().toPath(), 300.milliseconds),
                )
            loaded.errors.single().what() shouldBe
                "The script did not end within 300ms; it is still running here."
            loaded.errors.single().location().toString() shouldStartWith "loop.emr.kts:"
            (loaded.errors.single().location().line() in 3..5) shouldBe true
        }

        test("a script that waits is interrupted when it is given up") {
            val wait =
                "try { Thread.sleep(1_000_000) } finally { System.setProperty(\"emrys.test.woken\", \"yes\") }\n"
            val before = Thread.getAllStackTraces().keys
            refused(
                folder.script("wait.emr.kts", wait),
                ScriptHost(tempdir().toPath(), 300.milliseconds),
            )
            Thread.getAllStackTraces()
                .keys
                .filter { it !in before && it.name == "script wait.emr.kts" }
                .forEach { it.join() }
            System.getProperty("emrys.test.woken") shouldBe "yes"
        }

        test("several threads load at once") {
            val pool = Executors.newFixedThreadPool(4)
            try {
                val files =
                    listOf("a", "b", "a", "b").map {
                        folder.script("threads-$it.emr.kts", fine("threads $it"))
                    }
                val loaded =
                    pool.invokeAll(files.map { Callable { host.load(request(it)) } }).map {
                        it.get()
                    }
                loaded.map {
                    it.shouldBeInstanceOf<LoadResult.Ready>().spec.name()
                } shouldContainExactly listOf("threads a", "threads b", "threads a", "threads b")
            } finally {
                pool.shutdownNow()
            }
        }
    })
