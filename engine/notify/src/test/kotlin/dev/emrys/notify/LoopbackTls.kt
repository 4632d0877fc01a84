package dev.emrys.notify

import dev.emrys.testing.temporaryFolder
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

private const val PASSWORD = "changeit"

/**
 * TLS with a certificate of its own for a host name.
 *
 * @property context has the certificate and trusts it
 */
class LoopbackTls private constructor(val context: SSLContext) {
    companion object {
        fun create(subjectName: String = "ip:127.0.0.1"): LoopbackTls {
            val file = temporaryFolder("notify-tls").resolve("keys.p12")
            generate(file, subjectName)
            val keys = KeyStore.getInstance("PKCS12")
            Files.newInputStream(file).use { keys.load(it, PASSWORD.toCharArray()) }
            val own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
            own.init(keys, PASSWORD.toCharArray())
            val trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
            trusted.init(keys)
            val context = SSLContext.getInstance("TLS")
            context.init(own.keyManagers, trusted.trustManagers, null)
            return LoopbackTls(context)
        }

        private fun generate(file: Path, subjectName: String) {
            val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
            val command =
                "$keytool -genkeypair -keyalg EC -alias own -dname CN=emrys-test -validity 2 " +
                    "-ext SAN=$subjectName -storetype PKCS12 -storepass $PASSWORD -keystore $file"
            val process =
                ProcessBuilder(command.split(" "))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
            check(process.waitFor() == 0) { "keytool ended with ${process.exitValue()}" }
        }
    }
}
