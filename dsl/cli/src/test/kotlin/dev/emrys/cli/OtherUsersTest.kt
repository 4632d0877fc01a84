package dev.emrys.cli

import com.sun.net.httpserver.HttpServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeText

private const val OTHER_USER = 65534

private fun onlyAsRoot(): Enabled =
    if (System.getProperty("user.name") == "root") Enabled.enabled
    else Enabled.disabled("only root may give a file to another user")

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

        test(
            "the state of a run is for this user only, whatever the umask; a readable secrets file is a warning"
        ) {
            val script = script("umask")
            val state = folder.resolve("umask/.emrys").createDirectories().mode("rwxr-xr-x")
            val secrets = state.resolve("secrets.properties")
            secrets.writeText("password=PATH\n")
            secrets.mode("rw-r--r--")
            val options =
                LaunchOptions(
                    mapOf("EMRYS_STATE" to ""),
                    before = listOf("sh", "-c", "umask 000; exec \"$@\"", "sh"),
                )
            val result = program.run("run", "$script", options = options) exits ExitCode.SUCCEEDED
            result.printsOnStderr("warning E414: ", "Run: chmod 600 $secrets")
            state.permissions shouldBe "rwx------"
            val private = listOf("", "clusters", "s3", "bin").map { state.resolve("local/$it") }
            private.associateWith { it.permissions } shouldBe private.associateWith { "rwx------" }
            val names = listOf("journal.db", "local/emulator.db", "local/owner.json")
            names.associateWith { state.resolve(it).permissions } shouldBe
                names.associateWith { "rw-------" }
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
