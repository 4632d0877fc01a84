package dev.emrys.local

import com.google.common.collect.ImmutableList
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.net.InetAddress
import java.net.Socket

class OwnerLogTest :
    FunSpec({
        test("requests of other users write nothing to the log of the owner process") {
            val account = account()
            val address =
                OwnerProcess(
                        account,
                        ImmutableList.of(
                            ProcessHandle.current().info().command().get(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "dev.emrys.local.TestOwner",
                            "60000",
                            account.folder().toString(),
                        ),
                    )
                    .address()
            try {
                for (host in
                    listOf(
                        "Host: a:b:c",
                        "Host: a:99999",
                        "Host: a\r\nHost: b",
                        "Host: [",
                        "X: y",
                    )) {
                    val loopback = InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1))
                    Socket(loopback, address.port()).use {
                        it.soTimeout = 20_000
                        it.getOutputStream()
                            .write("GET /ping HTTP/1.1\r\n$host\r\n\r\n".encodeToByteArray())
                        it.getInputStream().readAllBytes().decodeToString() shouldStartWith
                            "HTTP/1.1 4"
                    }
                }
                account.folder().resolve("messages.0.log").text() shouldBe ""
            } finally {
                ProcessHandle.of(address.pid()).ifPresent { it.destroyForcibly() }
            }
        }
    })
