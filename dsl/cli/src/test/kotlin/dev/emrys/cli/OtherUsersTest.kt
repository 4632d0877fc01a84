package dev.emrys.cli

import com.sun.net.httpserver.HttpServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

private const val OTHER_USER = 65534

private fun onlyAsRoot(): Enabled =
    if (System.getProperty("user.name") == "root") Enabled.enabled
    else Enabled.disabled("only root may give a file to another user")

/** Programs may be executed by their owner. */
private fun Path.expected(): String =
    if (Files.isDirectory(this) || Files.isExecutable(this)) "rwx------" else "rw-------"

private val Path.permissions: String
    get() = PosixFilePermissions.toString(Files.getPosixFilePermissions(this))

/** What other users of this machine can do to a run, and what they can see of it. */
class OtherUsersTest :
    FunSpec({
        val program = EmrysProgram()
        val folder = program.folder
        afterSpec { program.close() }

        /** The state folder is searched, not named. */
        val searched = mapOf("EMRYS_STATE" to "", "EMRYS_SECRET_PASSWORD" to "s3cret")

        /** A script whose step needs a secret, in a folder below [above]. */
        fun script(above: String): Path {
            folder.resolve("$above/pipes").createDirectories()
            return program.script(
                "$above/pipes/secret",
                """
                pipeline("secret") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    c.step("one") { bash("echo ${'$'}{secret("password")}") }
                }
                """
                    .trimIndent() + "\n",
            )
        }

        test("a state folder that another user planted above the script gets nothing of the run")
            .config(enabledOrReasonIf = { onlyAsRoot() }) {
                val script = script("planted")
                val requests = CopyOnWriteArrayList<String>()
                val endpoint = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
                endpoint.createContext("/") { exchange ->
                    requests.add(
                        "${exchange.requestURI} ${exchange.requestBody.readAllBytes().decodeToString()}"
                    )
                    exchange.sendResponseHeaders(200, -1)
                    exchange.close()
                }
                endpoint.start()
                try {
                    val state = folder.resolve("planted/.emrys").createDirectories()
                    val account = state.resolve("local").createDirectories()
                    val file = account.resolve("owner.json")
                    file.writeText(
                        """{"port":${endpoint.address.port},"token":"t","pid":999999999}"""
                    )
                    for (path in listOf(file, account, state)) {
                        Files.setAttribute(path, "unix:uid", OTHER_USER)
                    }
                    for (command in listOf("plan", "check", "run")) {
                        val result =
                            program.run(command, "$script", options = LaunchOptions(searched)) exits
                                ExitCode.EXTERNAL_FAILURE
                        result.printsOnStderr(
                            "error E602: The state folder $state belongs to the user",
                            "--state",
                            "chown -R root $state",
                        )
                    }
                    requests.shouldBeEmpty()
                    state.listDirectoryEntries() shouldBe listOf(account)
                } finally {
                    endpoint.stop(0)
                    folder.resolve("planted").toFile().deleteRecursively()
                }
            }

        test("a named state folder that others may write is refused before it is read") {
            val shared = folder.resolve("shared").createDirectories().mode("rwxrwxrwx")
            val script = script("unshared")
            for (arguments in listOf(listOf("run", "$script"), listOf("plan", "$script"))) {
                val result =
                    program.run(*arguments.toTypedArray(), "--state", "$shared") exits
                        ExitCode.EXTERNAL_FAILURE
                result.printsOnStderr("error E602: Other users may write the state folder $shared")
            }
            shared.listDirectoryEntries().shouldBeEmpty()
        }

        test("a secrets file that others may read is a warning, and the state folder is narrowed") {
            val script = script("readable")
            val state = folder.resolve("readable/.emrys").createDirectories().mode("rwxr-xr-x")
            val secrets = state.resolve("secrets.properties")
            secrets.writeText("password=PATH\n")
            secrets.mode("rw-r--r--")
            val options = LaunchOptions(mapOf("EMRYS_STATE" to ""))
            val result = program.run("run", "$script", options = options) exits ExitCode.SUCCEEDED
            result.printsOnStderr("warning E414: ", "Run: chmod 600 $secrets")
            state.permissions shouldBe "rwx------"
        }

        for ((umask, mode) in listOf("022" to "rw-r--r--", "000" to "rw-rw-rw-")) {
            test("the whole state of a run is for this user only with umask $umask") {
                val at = folder.resolve("umask-$umask").createDirectories()
                program.script(
                    "umask-$umask/run",
                    """
                    pipeline("umask") {
                        val c = cluster("c") {
                            instances { primary("m6g.xlarge") }
                            logs = s3("s3://logs/emr/")
                        }
                        val one = c.step("one") { bash("echo made | tee here > '$at/made'") }
                        c.step("two") { script(file("two.sh")); after(one) }
                    }
                    """
                        .trimIndent() + "\n",
                )
                at.resolve("two.sh").writeText("echo two\n")
                val umasked = listOf("sh", "-c", "umask $umask; exec \"$@\"", "sh")
                program.run(
                    "run",
                    "$at/run.emr.kts",
                    options = LaunchOptions(mapOf("EMRYS_STATE" to ""), before = umasked),
                ) exits ExitCode.SUCCEEDED
                at.resolve("made").permissions shouldBe mode
                val state = at.resolve(".emrys")
                val paths = state.toFile().walk().map { it.toPath() }.toList()
                // What the program of a step creates has the modes that its author expects.
                val (ofSteps, ofEmrys) = paths.partition { it.parent.endsWith("work") }
                ofSteps.map { it.permissions } shouldBe listOf(mode)
                ofEmrys
                    // The owner process deletes the step's temporary files.
                    .filter { Files.exists(it, NOFOLLOW_LINKS) && !Files.isSymbolicLink(it) }
                    .filter { it.permissions != it.expected() }
                    .map { "${it.permissions} $it" }
                    .shouldBeEmpty()
                val names = ofEmrys.map { it.name }
                names shouldContainAll
                    listOf(".gitignore", "journal.db", "owner.log", "stdout.gz", "two.sh")
                // The owner process still runs; no process drives a run.
                names.filter { it.endsWith(".lock") } shouldBe listOf("owner.lock")
            }
        }

        test("runs skips a state folder of another user, with a warning").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val root = folder.resolve("several")
            val own = root.resolve("own/.emrys").createDirectories()
            dev.emrys.journal.SqliteJournal.open(own) {}.close()
            val foreign = root.resolve("foreign/.emrys").createDirectories()
            dev.emrys.journal.SqliteJournal.open(foreign) {}.close()
            Files.setAttribute(foreign, "unix:uid", OTHER_USER)
            val found = StateFolders.visible(null, root)
            found shouldContain foreign
            val err = java.io.ByteArrayOutputStream()
            val console = Console(java.io.ByteArrayOutputStream(), err)
            found.mapNotNull { at -> Engines.read(console, at) { at } } shouldBe listOf(own)
            console.flush()
            err.toString(Charsets.UTF_8) shouldContain "warning E602: The state folder $foreign"
        }
    })
