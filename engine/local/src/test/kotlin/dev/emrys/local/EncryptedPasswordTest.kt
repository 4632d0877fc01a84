package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.sun.net.httpserver.HttpServer
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.extensions.system.OverrideMode
import io.kotest.extensions.system.withSystemProperties
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.string.shouldContain
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.util.Base64
import java.util.concurrent.CopyOnWriteArrayList
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher

class EncryptedPasswordTest :
    FunSpec({
        val cipher = DefaultPlexusCipher()
        val distribution =
            Distribution("demo", ImmutableList.of("g:a:1"), ImmutableList.of("g:single:1"))

        fun settings(folder: Path, mirror: String, password: String): Path {
            Files.writeString(
                folder.resolve("settings-security.xml"),
                "<settingsSecurity><master>${cipher.encryptAndDecorate("the-master", "settings.security")}" +
                    "</master></settingsSecurity>",
            )
            return Files.writeString(
                folder.resolve("settings.xml"),
                """<settings><localRepository>$folder/repository</localRepository>
                   <servers><server><id>m</id><username>me</username><password>$password</password></server></servers>
                   <mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>$mirror</url></mirror></mirrors></settings>""",
            )
        }

        fun resolve(settings: Path) =
            withSystemProperties(mapOf("maven.repo.local" to null), OverrideMode.SetOrOverride) {
                shouldThrow<LocalSetupException> {
                    MavenDistributionResolver(settings)
                        .resolve(distribution, Distributions.Progress.NONE)
                }
            }

        test("the mirror gets the decrypted password of its server") {
            val received = CopyOnWriteArrayList<String>()
            val server =
                HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
            server.createContext("/") { exchange ->
                val authorization = exchange.requestHeaders.getFirst("Authorization")
                if (authorization == null) {
                    exchange.responseHeaders.set("WWW-Authenticate", "Basic realm=\"mirror\"")
                    exchange.sendResponseHeaders(401, -1)
                } else {
                    received += authorization
                    exchange.sendResponseHeaders(404, -1)
                }
                exchange.close()
            }
            server.start()
            try {
                val password = cipher.encryptAndDecorate("s3cret", "the-master")
                resolve(
                    settings(
                        temporaryFolder("maven"),
                        "http://127.0.0.1:${server.address.port}/",
                        password,
                    )
                )
            } finally {
                server.stop(0)
            }
            received shouldContain
                "Basic " + Base64.getEncoder().encodeToString("me:s3cret".toByteArray())
        }

        test("a password that cannot be decrypted is an error that names the settings") {
            val settings =
                settings(
                    temporaryFolder("maven"),
                    "http://127.0.0.1:9/",
                    cipher.encryptAndDecorate("s3cret", "another-master"),
                )
            resolve(settings).message shouldContain settings.toString()
        }
    })
