package dev.emrys.host

import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import kotlin.system.exitProcess

/** Loads one script in a process of its own, which a script may try to end. */
object LoadAndReport {
    @JvmStatic
    fun main(args: Array<String>) {
        fun exited(diagnostic: Diagnostic) {
            println("hook $diagnostic")
            Runtime.getRuntime().halt(22)
        }
        val host = ScriptHost(Path.of(args[0]), onExit = ::exited)
        val result = host.load(request(Path.of(args[1])))
        println(if (result is LoadResult.Refused) "refused ${result.errors.single()}" else "ready")
        exitProcess(if (result is LoadResult.Refused) 2 else 0)
    }
}

class ScriptExitTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cache = tempdir().toPath()

        fun refused(name: String, text: String): Diagnostic =
            ScriptHost(cache)
                .load(request(folder.script("$name.emr.kts", text)))
                .shouldBeInstanceOf<LoadResult.Refused>()
                .errors
                .single()

        /** Exit code and output. */
        fun child(name: String, text: String): Pair<Int, String> {
            val script = folder.script("$name.emr.kts", text)
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val process =
                ProcessBuilder(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadAndReport::class.java.name,
                        "$cache",
                        "$script",
                    )
                    .redirectErrorStream(true)
                    .start()
            val output = process.inputStream.bufferedReader().readText()
            return process.waitFor() to output
        }

        for ((name, call) in
            listOf(
                "system" to "System.exit(0)",
                "kotlin" to "kotlin.system.exitProcess(0)",
                "runtime" to "Runtime.getRuntime().exit(0)",
                "halt" to "Runtime.getRuntime().halt(0)",
                "caught" to "try { System.exit(0) } catch (_: Throwable) {}",
                "reference" to "listOf(0).forEach(System::exit)",
                "function" to "java.util.function.IntConsumer(System::exit).accept(0)",
                "thread" to "Thread { System.exit(0) }.also { it.start() }.join()",
                "reflection" to
                    "System::class.java.getMethod(\"exit\", Int::class.java).invoke(null, 0)",
                "halt by reflection" to
                    "Runtime::class.java.getMethod(\"halt\", Int::class.java).invoke(Runtime.getRuntime(), 0)",
                "method handle" to
                    "java.lang.invoke.MethodHandles.lookup().findVirtual(Runtime::class.java, \"halt\", " +
                        "java.lang.invoke.MethodType.methodType(Void.TYPE, Int::class.java))",
                "pool" to
                    "java.util.concurrent.CompletableFuture.runAsync { System.exit(0) }.exceptionally { null }.join()",
            )) {
            test("a script that ends the process is an error at its line: $name") {
                repeat(2) {
                    val error = refused(name, "// first\n\n$call\n" + fine(name))
                    error.code() shouldBe HostCode.SCRIPT_EXIT
                    error.location().line() shouldBe 3
                }
            }
        }

        test("an exit in a function of the script has the line of the call in it") {
            val error = refused("deep", "fun stop() {\n    System.exit(3)\n}\nstop()\n")
            error.location().line() shouldBe 2
            error.what() shouldBe "The script calls System.exit(3)."
        }

        test("a thread that is left running is an error, with the line it is at") {
            val text =
                "val never = java.util.concurrent.CountDownLatch(1)\n" +
                    "Thread({\n    never.await()\n}, \"mine\").also { it.isDaemon = true }.start()\n" +
                    fine("left")
            val error = refused("left", text)
            error.code() shouldBe HostCode.SCRIPT_THREAD
            error.location().line() shouldBe 3
            error.what() shouldContain "\"mine\""
        }

        test("a thread that ends with the script is none") {
            val text =
                "val done = Thread { Thread.sleep(1) }\ndone.start()\ndone.join()\n" +
                    fine("joined")
            ScriptHost(cache)
                .load(request(folder.script("joined.emr.kts", text)))
                .shouldBeInstanceOf<LoadResult.Ready>()
        }

        test("a call by reflection that does not end the process is allowed") {
            val text =
                "private fun word() = \"fine\"\n" +
                    "val length = String::class.java.getMethod(\"length\").invoke(word())\n" +
                    "require(length == 4)\n" +
                    fine("reflective")
            ScriptHost(cache)
                .load(request(folder.script("reflective.emr.kts", text)))
                .shouldBeInstanceOf<LoadResult.Ready>()
        }

        test("an exit by a library is reported while the process ends") {
            val (exit, output) =
                child(
                    "library",
                    "\n\njava.beans.Statement(System::class.java, \"exit\", arrayOf(0)).execute()\n",
                )
            output shouldContain "hook library.emr.kts:3: error E334: The script calls System.exit"
            exit shouldBe 22
        }

        test("after a script the process ends as it wants") {
            child("fine", fine("fine")) shouldBe (0 to "ready\n")
        }
    })
