package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.paths.shouldNotExist
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteExisting
import kotlin.io.path.readText
import kotlin.io.path.writeText

class StateFoldersTest :
    FunSpec({
        fun root() = tempdir().toPath().toRealPath()

        fun Path.withRuns(): Path = also {
            it.createDirectories().resolve("journal.db").writeText("")
        }

        test("without a script the nearest state folder above is visible, then those below") {
            val root = root()
            val above = root.resolve(".emrys").withRuns()
            val below = root.resolve("a/pipes/.emrys").withRuns()
            val deep = root.resolve("a/b/c/d/.emrys").withRuns()
            StateFolders.visible(null, root.resolve("a")) shouldContainExactly
                listOf(above, below, deep)
            StateFolders.visible(null, root.resolve("a/pipes")) shouldContainExactly listOf(below)
            StateFolders.visible(null, root) shouldContainExactly listOf(above, below)
        }

        test("a named state folder is the only visible one") {
            val root = root()
            root.resolve(".emrys").withRuns()
            val named = root.resolve("named").withRuns()
            StateFolders.visible(named, root) shouldContainExactly listOf(named)
            StateFolders.visible(root.resolve("none"), root).shouldBeEmpty()
        }

        test("hidden folders, symbolic links and folders without runs are not searched") {
            val root = root()
            root.resolve(".git/.emrys").withRuns()
            root.resolve("empty/.emrys").createDirectories()
            val real = root.resolve("real/.emrys").withRuns()
            root.resolve("link").createSymbolicLinkPointingTo(root.resolve("real"))
            root.resolve("real/cycle").createSymbolicLinkPointingTo(root)
            StateFolders.visible(null, root) shouldContainExactly listOf(real)
        }

        test("git ignores a state folder that Emrys creates, and one named .emrys") {
            val root = root()
            val created = root.resolve("state").createDirectories()
            StateFolders.ignoreInGit(created, existed = false)
            created.resolve(".gitignore").readText() shouldBe "*\n"
            val standard = root.resolve(".emrys").createDirectories()
            StateFolders.ignoreInGit(standard, existed = true)
            standard.resolve(".gitignore").readText() shouldBe "*\n"
            val users = root.resolve("data").createDirectories()
            StateFolders.ignoreInGit(users, existed = true)
            users.resolve(".gitignore").shouldNotExist()
        }

        test("a .gitignore of the user is kept") {
            val state = root().resolve(".emrys").createDirectories()
            state.resolve(".gitignore").writeText("mine\n")
            StateFolders.ignoreInGit(state, existed = true)
            state.resolve(".gitignore").readText() shouldBe "mine\n"
            state.resolve(".gitignore").deleteExisting()
        }
    })
