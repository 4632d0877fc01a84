package dev.emrys.local

import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.URI
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions

private const val OTHER_USER = 65534

/** Gives a file to another user, which only root may do. Of a link, the link itself. */
internal fun Path.givenAway(): Path = also {
    Files.setAttribute(it, "unix:uid", OTHER_USER, LinkOption.NOFOLLOW_LINKS)
}

internal fun onlyAsRoot(): Enabled =
    if (System.getProperty("user.name") == "root") Enabled.enabled
    else Enabled.disabled("only root may give a file to another user")

/** Runs shell commands as another user, which only root may do, and returns their output. */
internal fun asOtherUser(script: String): String {
    val id = "$OTHER_USER"
    val process =
        ProcessBuilder(
                "setpriv",
                "--reuid",
                id,
                "--regid",
                id,
                "--clear-groups",
                "sh",
                "-c",
                script,
            )
            .directory(java.io.File("/"))
            .start()
    return process.inputReader().readText().also { process.waitFor() }
}

internal fun Path.withMode(permissions: String): Path = also {
    Files.setPosixFilePermissions(it, PosixFilePermissions.fromString(permissions))
}

internal val Path.mode: String
    get() = PosixFilePermissions.toString(Files.getPosixFilePermissions(this))

class PrivateFilesTest :
    FunSpec({
        fun refusal(path: Path) =
            shouldThrow<UntrustedFileException> { PrivateFiles.check("state folder", path) }
                .message
                .orEmpty()

        fun runCommandOf(message: String) {
            val command = message.substringAfterLast("run: ")
            ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor() shouldBe 0
        }

        fun folder(name: String = "state"): Path =
            Files.createDirectory(temporaryFolder("emrys-private").resolve(name))

        test("a folder and a file of this user that others may only read are trusted") {
            val folder = folder().withMode("rwxr-xr-x")
            val file = Files.createFile(folder.resolve("journal.db")).withMode("rw-r--r--")
            PrivateFiles.check("state folder", folder) shouldBe true
            PrivateFiles.check("file", file) shouldBe true
            PrivateFiles.check("file", folder.resolve("absent")) shouldBe false
            PrivateFiles.check("file", file.resolve("below-a-file")) shouldBe false
            folder.mode shouldBe "rwxr-xr-x"
        }

        test("a folder that its group or others may write is refused, with the chmod command") {
            for (mode in listOf("rwxrwx---", "rwxr-xrwx")) {
                val folder = folder("a state").withMode(mode)
                val text = refusal(folder)
                text shouldContain "Other users may write the state folder $folder"
                text shouldContain "chmod -R go-w '$folder'"
                runCommandOf(text)
                PrivateFiles.check("state folder", folder) shouldBe true
            }
        }

        test("the sticky bit does not make a folder trusted that others may write") {
            val folder = folder()
            Files.setAttribute(folder, "unix:mode", "1777".toInt(8))
            refusal(folder) shouldContain "its mode is 1777."
        }

        test("what belongs to another user is refused, with the chown command").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val folder = folder().withMode("rwx------").givenAway()
            refusal(folder) shouldContain "The state folder $folder belongs to the user"
            refusal(folder) shouldContain "run: chown -R root $folder"
            runCommandOf(refusal(folder))
            PrivateFiles.check("state folder", folder) shouldBe true
            val file = Files.createFile(folder().resolve("owner.json")).givenAway()
            refusal(file) shouldContain "run: chown root $file"
        }

        test("a symbolic link is refused for its target, and for its own owner").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val foreign = folder("foreign").givenAway()
            val links = folder("links")
            val link = Files.createSymbolicLink(links.resolve("link"), foreign)
            refusal(link) shouldContain "chown -R root $foreign"
            val own = Files.createSymbolicLink(links.resolve("own"), folder()).givenAway()
            refusal(own) shouldContain "The symbolic link $own belongs to the user"
            refusal(own) shouldContain "run: chown -h root $own"
        }

        test("a symbolic link of this user to a private folder is trusted") {
            val target = folder("target").withMode("rwx------")
            val link = Files.createSymbolicLink(target.resolveSibling("link"), target)
            PrivateFiles.check("state folder", link) shouldBe true
            target.withMode("rwxrwxrwx")
            refusal(link) shouldContain "chmod -R go-w $target"
        }

        test("a new folder has mode 0700 and a new file 0600; an existing one is narrowed") {
            val folder = temporaryFolder("emrys-private").resolve("above/state")
            PrivateFiles.createFolder("state folder", folder)
            folder.mode shouldBe "rwx------"
            val file = folder.resolve("journal.db")
            PrivateFiles.createFile("file", file)
            file.mode shouldBe "rw-------"
            folder.withMode("rwxr-xr-x")
            Files.writeString(file.withMode("rw-r--r--"), "content")
            PrivateFiles.createFolder("state folder", folder)
            PrivateFiles.createFile("file", file)
            folder.mode shouldBe "rwx------"
            file.mode shouldBe "rw-------"
            file.text() shouldBe "content"
        }

        test("this user's own missing rights are not added") {
            val folder = folder().withMode("r-xr-xr-x")
            PrivateFiles.createFolder("state folder", folder)
            folder.mode shouldBe "r-x------"
        }

        test("a folder with a file in its place is not created") {
            val file = Files.createFile(folder().resolve("file"))
            shouldThrow<java.io.IOException> {
                PrivateFiles.createFolder("state folder", file.resolve("below"))
            }
        }

        test("on a file system without owners and modes nothing is checked") {
            val archive = URI.create("jar:" + folder().resolve("files.zip").toUri())
            FileSystems.newFileSystem(archive, mapOf("create" to "true")).use { zip ->
                val folder = zip.getPath("/above/state")
                PrivateFiles.createFolder("state folder", folder)
                PrivateFiles.createFile("file", folder.resolve("journal.db"))
                PrivateFiles.check("state folder", folder) shouldBe true
                PrivateFiles.check("file", folder.resolve("journal.db")) shouldBe true
                PrivateFiles.check("file", folder.resolve("absent")) shouldBe false
                PrivateFiles.narrow(folder)
                PrivateFiles.othersMayRead(folder) shouldBe false
            }
        }
    })
