package dev.emrys.host

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path

/** What a child JVM does: loads one script and says what came of it. */
object LoadOnce {
    @JvmStatic
    fun main(args: Array<String>) {
        val loaded = ScriptHost(Path.of(args[0])).load(request(Path.of(args[1])))
        println(
            if (loaded is LoadResult.Ready)
                "ready fromCache=${loaded.fromCache} ${loaded.spec.name()}"
            else loaded
        )
    }
}

private class Child(val said: List<String>, val loaded: List<String>)

private fun loadInChild(cache: Path, script: Path): Child {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val command =
        listOf(
            java,
            "-Xlog:class+load",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
        )
    val process =
        ProcessBuilder(command + listOf(LoadOnce::class.java.name, "$cache", "$script"))
            .redirectErrorStream(true)
            .start()
    val lines = process.inputStream.bufferedReader().readLines()
    process.waitFor() shouldBe 0
    val (log, said) = lines.partition { "[class,load]" in it }
    return Child(
        said,
        log.map { it.substringAfter("] ").substringAfter("] ").trim().substringBefore(' ') },
    )
}

class CacheHitTest :
    FunSpec({
        test("a script from the cache loads neither the compiler nor Kotlin's scripting library") {
            val cache = tempdir().toPath()
            val script = tempdir().toPath().script("once.emr.kts", fine("once"))

            val first = loadInChild(cache, script)
            first.said shouldContain "ready fromCache=false once"
            first.loaded.count(::isCompiler) shouldBeGreaterThan 1_000

            val second = loadInChild(cache, script)
            second.said shouldContain "ready fromCache=true once"
            second.loaded shouldContain "dev.emrys.language.ScriptScope"
            second.loaded.filter(::isCompiler).shouldBeEmpty()
        }
    })

private fun isCompiler(name: String) =
    name.startsWith("org.jetbrains.kotlin.") || name.startsWith("kotlin.script.")
