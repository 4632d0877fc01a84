package dev.emrys.monitor

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.util.Optional

private const val SHORTEST_TOKEN = "0123456789abcdef"

private fun access(address: String, token: String? = null) =
    MonitorAccess.of(MonitorAddress.parse(address), Optional.ofNullable(token))

class MonitorAddressTest :
    FunSpec({
        test("a port alone is one of 127.0.0.1, and an IP address may precede it") {
            MonitorAddress.parse("8780").toString() shouldBe "127.0.0.1:8780"
            MonitorAddress.parse("0").toString() shouldBe "127.0.0.1:0"
            MonitorAddress.parse("127.0.0.1:8780").toString() shouldBe "127.0.0.1:8780"
            MonitorAddress.parse("localhost:8780").toString() shouldBe "127.0.0.1:8780"
            MonitorAddress.parse("[::1]:0").toString() shouldBe "[::1]:0"
            MonitorAddress.parse("0.0.0.0:65535").toString() shouldBe "0.0.0.0:65535"
            MonitorAddress.parse("[::]:80").toString() shouldBe "[::]:80"
        }

        test("what is written is read as the same address") {
            for (text in listOf("127.0.0.1:1", "[::1]:2", "0.0.0.0:3", "[2001:db8::1]:4")) {
                MonitorAddress.parse(MonitorAddress.parse(text).toString()) shouldBe
                    MonitorAddress.parse(text)
            }
        }

        test("anything else is refused with the forms that are allowed") {
            val wrong =
                listOf(
                    "",
                    " ",
                    ":",
                    ":80",
                    "127.0.0.1",
                    "127.0.0.1:",
                    "127.0.0.1:x",
                    "::1",
                    "::1:80",
                ) +
                    listOf(
                        "[::1]",
                        "65536",
                        "99999999999",
                        "-1",
                        "+80",
                        "127.0.0.1:65536",
                        "127.0.0.1:-1",
                    ) +
                    listOf(
                        "example.com:80",
                        "*:80",
                        "http://127.0.0.1:80",
                        "127.1:80",
                        "127.0.0.1:80/",
                    )
            for (text in wrong) {
                withClue(text) {
                    shouldThrow<IllegalArgumentException> { MonitorAddress.parse(text) }
                        .message shouldBe
                        "'$text' is no address to listen on. Give a port, or an IP address and a port: " +
                            "8780, 127.0.0.1:8780, [::1]:8780 or 0.0.0.0:8780."
                }
            }
        }

        test("a port has a range") {
            for (port in listOf(-1, 65_536)) {
                shouldThrow<IllegalArgumentException> {
                        MonitorAddress(InetAddress.getLoopbackAddress(), port)
                    }
                    .message shouldBe "The port $port is not between 0 and 65535."
            }
        }

        test("only loopback addresses need no token") {
            for (text in listOf("8780", "127.0.0.1:0", "127.8.8.8:1", "[::1]:1")) {
                withClue(text) { access(text).toString() shouldContain "without a token" }
            }
            for (text in listOf("0.0.0.0:8780", "[::]:8780", "10.0.0.1:8780", "[fe80::1]:8780")) {
                withClue(text) {
                    shouldThrow<IllegalArgumentException> { access(text) }.message shouldBe
                        "Other machines can reach $text, and there is no token. " +
                            "Give a token, or listen on 127.0.0.1:8780."
                    access(text, SHORTEST_TOKEN).address().toString() shouldBe text
                }
            }
        }

        test(
            "a token that is too short or cannot be sent is refused, and no text contains a token"
        ) {
            for (token in
                listOf(
                    "",
                    SHORTEST_TOKEN.drop(1),
                    "$SHORTEST_TOKEN ",
                    "$SHORTEST_TOKEN\n",
                    "$SHORTEST_TOKEN\u00e4",
                    "ab=$SHORTEST_TOKEN",
                )) {
                withClue(token) {
                    val message =
                        shouldThrow<IllegalArgumentException> { access("8780", token) }.message!!
                    message shouldContain "at least 16 letters"
                    if (token.isNotEmpty()) message shouldNotContain token
                }
            }
            access("8780", SHORTEST_TOKEN).toString() shouldBe "127.0.0.1:8780 with a token"
        }
    })
