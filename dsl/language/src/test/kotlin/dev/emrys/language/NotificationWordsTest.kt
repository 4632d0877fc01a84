package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import kotlin.time.Duration.Companion.hours

class NotificationWordsTest :
    FunSpec({
        fun declared(block: NotificationsScope.(ScriptScope) -> Unit): DeclaredNotifications? {
            val evaluated = evaluate {
                val script = this
                pipeline("daily") { notifications { block(script) } }
            }
            evaluated.diagnostics.filter { it.isError }.shouldBeEmpty()
            return evaluated.notifications
        }

        fun told(block: PipelineScope.() -> Unit) = evaluate {
            pipeline("daily") { block() }
        }
            .told()

        test("each receiver is declared with its defaults, and secrets by their names only") {
            declared { script ->
                webhook(script.secret("slack"))
                command("/usr/local/bin/page", "--team", "data")
                email("smtp.example.org", "emrys@example.org", "a@example.org", "b@example.org") {
                    login("emrys", script.secret("smtp"))
                }
                email("localhost", "Emrys <emrys@example.org>", "a@example.org") {
                    security = EmailSecurity.None
                    port = 2525
                }
                sns("arn:aws:sns:eu-central-1:123456789012:data")
                lateAfter = 2.hours
            } shouldBe
                DeclaredNotifications(
                    listOf(
                        DeclaredChannel.Webhook("slack"),
                        DeclaredChannel.Command(listOf("/usr/local/bin/page", "--team", "data")),
                        DeclaredChannel.Email(
                            "smtp.example.org",
                            587,
                            EmailSecurity.StartTls,
                            "emrys",
                            "smtp",
                            "emrys@example.org",
                            listOf("a@example.org", "b@example.org"),
                        ),
                        DeclaredChannel.Email(
                            "localhost",
                            2525,
                            EmailSecurity.None,
                            null,
                            null,
                            "Emrys <emrys@example.org>",
                            listOf("a@example.org"),
                        ),
                        DeclaredChannel.Sns("arn:aws:sns:eu-central-1:123456789012:data"),
                    ),
                    Duration.ofHours(2),
                )
        }

        test("a pipeline without the block has none") {
            evaluate { pipeline("daily") {} }.notifications shouldBe null
        }

        test("malformed receivers are refused with what to write") {
            told {
                notifications {
                    command(" ")
                    email("", "a@example.org", "b@example.org")
                    email("smtp", "a@example.org")
                    email("smtp", "a@example.org", "b")
                    email("smtp", "a@example.org", "b@example.org") { port = 0 }
                    email("smtp", "a@example.org", "b@example.org") {
                        security = EmailSecurity.None
                        login("u", Secret("p"))
                    }
                    sns("data")
                    command("true")
                }
            }
                .map { it.substringBefore(" | ") } shouldContainExactly
                listOf(
                    "command of notifications is \" \".",
                    "email of notifications is \"\".",
                    "email of notifications is \"\".",
                    "email of notifications is \"b\".",
                    "port of notifications is \"0\".",
                    "security of notifications is \"None\".",
                    "sns of notifications is \"data\".",
                )
        }

        test("a block without a receiver and a second block are refused") {
            told { notifications { lateAfter = 1.hours } }.single() shouldContain "have no receiver"
            told {
                notifications { command("true") }
                notifications { command("true") }
            }
                .single() shouldContain "two blocks of notifications"
        }
    })
