package dev.emrys.journal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.util.Optional

class PostgresAddressTest :
    FunSpec({
        test("user, password and schema are taken out of the URL, and the rest is the driver's") {
            listOf("postgresql:", "postgres:", "jdbc:postgresql:").forEach { prefix ->
                val address =
                    PostgresAddress.parse(
                        "$prefix//ada:p%40ss+1@db.example:6432/jobs?sslmode=require&currentSchema=night&tcpKeepAlive=true"
                    )
                address.jdbcUrl() shouldBe
                    "jdbc:postgresql://db.example:6432/jobs?sslmode=require&tcpKeepAlive=true"
                address.user() shouldBe Optional.of("ada")
                address.password() shouldBe Optional.of("p@ss+1")
                address.schema() shouldBe "night"
                address.toString() shouldBe
                    "postgresql://ada@db.example:6432/jobs?sslmode=require&tcpKeepAlive=true&currentSchema=night"
                PostgresAddress.parse("$address").let {
                    it.toString() shouldBe address.toString()
                    it.user() shouldBe address.user()
                    it.schema() shouldBe "night"
                    it.password() shouldBe Optional.empty()
                }
            }
        }

        test("user and password may be parameters, and nothing but host and database is needed") {
            val address = PostgresAddress.parse("postgresql://db/jobs?user=ada&password=s3cret")
            address.user() shouldBe Optional.of("ada")
            address.password() shouldBe Optional.of("s3cret")
            address.jdbcUrl() shouldBe "jdbc:postgresql://db/jobs"
            PostgresAddress.parse("postgresql://db/jobs").let {
                it.user() shouldBe Optional.empty()
                it.schema() shouldBe "emrys"
            }
        }

        test("what is no such URL is refused without its password") {
            listOf(
                    "mysql://ada:s3cret@db/jobs" to "it does not begin with postgresql://",
                    "jobs" to "it does not begin with postgresql://",
                    "postgresql:///jobs" to "it names no host",
                    "postgresql://ada:s3cret@db" to "it names no database",
                    "postgresql://ada:s3cret@db/jobs?x=a b" to
                        "it is no URL: Illegal character in query at character 36",
                )
                .forEach { (url, why) ->
                    val message =
                        shouldThrow<JournalException> { PostgresAddress.parse(url) }.message!!
                    message shouldStartWith "The journal's URL cannot be used: $why."
                    message shouldNotContain "s3cret"
                }
        }
    })
