package dev.emrys.local

import dev.emrys.testing.awaitUntil
import dev.emrys.testing.isRunning
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private val PIP_FAILS = "echo 'ERROR: No matching distribution found for pyspark==3.5.4'; exit 1"

/** Makes a package as small as one can be, in the folder after --dest. */
private val PIP_DOWNLOADS =
    """
    while [ "$1" != --dest ]; do shift; done
    echo download >> "$0.log"
    mkdir -p package/pyspark-3.5.4/pyspark/jars package/pyspark-3.5.4/lib package/pyspark-3.5.4/deps/jars
    cd package
    echo v > pyspark-3.5.4/pyspark/version.py; echo w > pyspark-3.5.4/pyspark/worker.py
    echo j > pyspark-3.5.4/deps/jars/spark.jar; echo j > pyspark-3.5.4/pyspark/jars/spark.jar
    echo z > pyspark-3.5.4/lib/py4j-0.10.9.7-src.zip
    tar -czf "$2/pyspark-3.5.4.tar.gz" pyspark-3.5.4
    """
        .trimIndent()

/** Python as far as it is needed: only its unpacking is real. */
private fun python(
    version: String = "3.11.2",
    pyspark: String = "",
    hasPip: Boolean = true,
    folder: Path = Path.of("/pyspark"),
    pip: String = PIP_FAILS,
): Path {
    val program = temporaryFolder("emrys-python").resolve("python3")
    Files.writeString(
        program,
        "#!/bin/sh\ncase \"$1 $2\" in\n'-m pip') $pip ;;\n" +
            "*getusersitepackages*) printf '%s\\n' $version \"$0\" /home/.local " +
            "'$pyspark' '$folder' '${if (hasPip) "pip" else ""}' ;;\n" +
            "*) exec python3 \"$@\" ;;\nesac\n",
    )
    program.toFile().setExecutable(true)
    return program
}

private fun Path.find(python: Path) =
    PySpark(this, System.getenv()).find("$python", "3.5.4", Distributions.Progress.NONE)

private fun Path.failure(python: Path) =
    shouldThrow<LocalSetupException> { find(python) }.message.orEmpty()

class PySparkDownloadTest :
    FunSpec({
        val hasPython = ProcessBuilder("python3", "-c", "").start().waitFor() == 0

        test("a Python that has pyspark of the same minor version is used as it is") {
            val cache = temporaryFolder("emrys-pyspark")
            val found = cache.find(python(pyspark = "3.5.1"))
            found.pyspark() shouldBe "3.5.1"
            found.path().shouldBeEmpty()
            found.userPackages() shouldBe "/home/.local"
            found.examples().isEmpty shouldBe true
            cache.listDirectoryEntries().shouldBeEmpty()
            val folder = temporaryFolder("emrys-package")
            val examples = folder.resolve("examples/src/main/python")
            Files.createDirectories(examples)
            cache.find(python(pyspark = "3.5.1", folder = folder)).examples().get() shouldBe
                examples
        }

        test("without Python, or with one that is too old, the failure says what to install") {
            for (python in listOf(Path.of("/no/such/python"), python(version = "3.7.9"))) {
                temporaryFolder("emrys-pyspark").failure(python) shouldContain
                    "sudo apt-get install python3 python3-pip"
            }
        }

        test("without pip or its index the failure says why and how to install pyspark") {
            val cache = temporaryFolder("emrys-pyspark")
            val command = "-m venv ~/pyspark && ~/pyspark/bin/pip install pyspark==3.5.4"
            val withoutPip = cache.failure(python(pyspark = "3.4.1", hasPip = false))
            withoutPip shouldContain "has no pip"
            withoutPip shouldContain command
            val withoutIndex = cache.failure(python())
            withoutIndex shouldContain "No matching distribution found for pyspark==3.5.4"
            withoutIndex shouldContain command
        }

        test("pip is stopped when it takes too long, and the failure says so") {
            val cache = temporaryFolder("emrys-pyspark")
            val python = python(pip = "sleep 600 & echo \$! > \"\$0.pid\"; wait")
            shouldThrow<LocalSetupException> {
                    PySpark(cache, System.getenv(), Duration.ofSeconds(2))
                        .find("$python", "3.5.4", Distributions.Progress.NONE)
                }
                .message shouldContain "pip did not end within 2 seconds, and was stopped"
            val pip = Path.of("$python.pid").text().trim().toLong()
            awaitUntil("its end") { !isRunning(pip) }
            cache.listDirectoryEntries().shouldBeEmpty()
            PySpark.DOWNLOAD_TIMEOUT shouldBe Duration.ofMinutes(30)
        }

        test("the plan knows what is missing") {
            fun problem(python: Path) =
                PySpark(
                        temporaryFolder("emrys-pyspark"),
                        System.getenv() + ("PYSPARK_PYTHON" to "$python"),
                    )
                    .problem("3.5.4")
                    .orElse("")
            problem(Path.of("/no/such/python")) shouldContain "needs Python: "
            problem(python(hasPip = false)) shouldContain "no pip to download it"
            problem(python()) shouldBe ""
            problem(python(pyspark = "3.5.0", hasPip = false)) shouldBe ""
        }

        test("of two that need pyspark one downloads it, and a killed download is not used").config(
            enabledOrReasonIf = { io.kotest.core.test.Enabled(hasPython, "no python3") }
        ) {
            val cache = temporaryFolder("emrys-pyspark")
            Files.createDirectories(cache.resolve("pyspark.partial1/unpacked/pyspark"))
            val python = python(pip = PIP_DOWNLOADS)
            val found = List(2) { CompletableFuture.supplyAsync { cache.find(python) } }
            val folder = cache.resolve("pyspark-3.5.4")
            found.forEach {
                it.get().path() shouldContainExactly
                    listOf(folder, folder.resolve("lib/py4j-0.10.9.7-src.zip"))
            }
            Path.of("$python.log").text() shouldBe "download\n"
            cache.listDirectoryEntries().map { it.name }.sorted() shouldContainExactly
                listOf("pyspark-3.5.4")
            // Without the jars, which Maven's resolver provides.
            folder
                .toFile()
                .walk()
                .filter { it.isFile }
                .map { it.relativeTo(folder.toFile()).path }
                .sorted()
                .toList() shouldContainExactly
                listOf(
                    "lib/py4j-0.10.9.7-src.zip",
                    "pyspark/version.py",
                    "pyspark/worker.py",
                )
        }
    })
