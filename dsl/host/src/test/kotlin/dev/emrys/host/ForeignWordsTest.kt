package dev.emrys.host

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

class ForeignWordsTest :
    FunSpec({
        test("every word of the page of RunJobFlow exists, and every member is there once") {
            ForeignWords.members.map { it.path }.shouldBeUnique()
            for (member in ForeignWords.members) {
                val word = member.word
                withClue(member.path) {
                    if (word == null) listOf("Emrys sets it", "none") shouldContain member.how
                    else DslWords.placesOf(word).shouldNotBeNull()
                }
            }
        }

        test("a name of EMR's is explained in the spelling of any tool") {
            val fix = "EMR's LogUri is 'logs' here, in cluster(…) { }, or in step(…) { }."
            listOf("logUri", "LogUri", "log_uri", "LOG_URI").forEach {
                ForeignWords.explanation(it) shouldBe fix
            }
        }

        test("a member without a word is explained, too") {
            ForeignWords.explanation("hadoopVersion") shouldBe
                "EMR's Instances.HadoopVersion has no word: write rawRequest(\"Instances\" to " +
                    "mapOf(\"HadoopVersion\" to …)) in cluster(…) { } (of releases before emr-4.0.0)."
            ForeignWords.explanation("stepExecutionRoleArn") shouldBe
                "EMR's StepExecutionRoleArn is 'runtimeRole' here, in step(…) { } (of each step)."
            ForeignWords.explanation("execution_role_arn") shouldBe
                "It is 'runtimeRole' here, in step(…) { }."
        }

        test("the author's own names and unknown words are not taken for EMR's") {
            listOf("name", "value", "jar", "myCluster", "etl").forEach {
                ForeignWords.explanation(it) shouldBe null
            }
        }
    })
