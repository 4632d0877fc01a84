package dev.emrys.language

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun warnings(block: ClusterScope.() -> Unit): List<String> {
    val evaluated = evaluate { pipeline("p") { cluster("c", block) } }
    evaluated.errors().shouldBeEmpty()
    return evaluated.warnings().map { it.told() }
}

class WarningsTest :
    FunSpec({
        test("an instance type that looks misspelled gets a warning and is kept") {
            warnings { instances { core("m6g.2xlrge") } } shouldContainExactly
                listOf(
                    "The instance type \"m6g.2xlrge\" is unknown to this version of Emrys. Did you mean \"m6g.2xlarge\"? | " +
                        "It is sent to EMR unchanged."
                )
        }

        test("an instance type of a family to come is allowed with a warning") {
            warnings { instances { core("zz99q.xlarge") } } shouldContainExactly
                listOf(
                    "The instance type \"zz99q.xlarge\" is unknown to this version of Emrys. | It is sent to EMR unchanged."
                )
        }

        test("known types and applications get none, nor does what the spec refuses anyway") {
            warnings {
                applications(
                    Spark,
                    Hive,
                    Hadoop,
                    Flink,
                    HBase,
                    JupyterEnterpriseGateway,
                    Livy,
                    Presto,
                    Tez,
                    Trino,
                    ZooKeeper,
                )
                instances {
                    primary(InstanceType.M6gXlarge)
                    primary(InstanceType.M6g4xlarge)
                    primary(InstanceType.M5Xlarge)
                    primary(InstanceType.M52xlarge)
                    primary(InstanceType.R6gXlarge)
                    task(InstanceType.R6g2xlarge)
                    core("m7i-flex.48xlarge")
                    core("nonsense")
                }
            }
                .shouldBeEmpty()
        }

        test("an application that looks misspelled gets a warning") {
            warnings { applications(Application("Sprak")) } shouldContainExactly
                listOf(
                    "The application \"Sprak\" is unknown to this version of Emrys. Did you mean \"Spark\"? | It is sent to EMR unchanged."
                )
        }

        test("a Spark step on a cluster without Spark gets a warning at the step") {
            val evaluated = evaluate {
                pipeline("p") {
                    val without = cluster("without") {}
                    val with = cluster("with") { applications(Spark) }
                    without.step("a") { sparkExample("SparkPi") }
                    without.step("b") { bash("date") }
                    with.step("c") { sparkExample("SparkPi") }
                }
            }
            val warning = evaluated.warnings().first()
            warning.location() shouldBe evaluated.spec!!.steps().first().location()
            warning.told() shouldBe
                "The step \"a\" needs Spark, and the cluster \"without\" does not install it. | Add applications(Spark)."
        }

        test("two steps of one name, which are an error, get no warning about their order") {
            evaluate {
                pipeline("p") {
                    val c = cluster("c") { instances { primary("m6g.xlarge") } }
                    listOf(1, 2).forEach { c.step("x") { bash("echo $it") } }
                }
            }
                .warnings()
                .shouldBeEmpty()
        }

        test("near words are found, far ones are not") {
            Spelling.nearest("relase", listOf("retry", "release")) shouldBe "release"
            Spelling.nearest("SPARK", listOf("Hive", "Spark")) shouldBe "Spark"
            Spelling.nearest("Bootstrp", listOf("bootstrap", "Bootstrap")) shouldBe "Bootstrap"
            Spelling.nearest("nope", listOf("name")) shouldBe null
            Spelling.nearest("xyz", listOf("Hive", "Spark")) shouldBe null
            Spelling.nearest("on", listOf("of")) shouldBe "of"
            Spelling.nearest("ab", listOf("cd", "b")) shouldBe null
            Spelling.distance("", "abc") shouldBe 3
            Spelling.distance("dya", "day") shouldBe 1
            Spelling.distance("kitten", "sitting") shouldBe 3
        }
    })
