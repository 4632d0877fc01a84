package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.HadoopJarStep

/** The block of something that takes arguments. */
@EmrysDsl
public open class ArgumentsScope internal constructor(internal val script: Script) {
    internal val arguments = ArrayList<String>()

    /**
     * The arguments, in order, each as its own word: `args("--input", s3("s3://my-bucket/raw/"),
     * "--parts", 4)`. Texts, numbers, Booleans, dates, `s3(…)`, `file(…)`, `secret(…)`, and lists
     * of these: `args(listOf("a", "b"))` is `args("a", "b")`. No shell reads them. A second call
     * adds to the first. With the jar and its properties at most 10,240 characters; of
     * `command-runner.jar` at most 128 KiB each.
     */
    public fun args(vararg args: Any) {
        arguments += script.arguments(args.asIterable(), "An argument")
    }
}

/** The block of `mapReduce` and `hadoopJarStep`. EMR: `HadoopJarStepConfig`. */
@EmrysDsl
public class JarScope internal constructor(script: Script) : ArgumentsScope(script) {
    private val properties = LinkedHashMap<String, String>()

    /**
     * A Java system property for the program: `property("mapreduce.job.reduces", 4)`. If a name is
     * set twice, the last value is used.
     */
    public fun property(name: String, value: Any) {
        properties[name] = script.text(value, "The property \"$name\"")
    }

    internal fun jarStep(jar: String, mainClass: String?): HadoopJarStep =
        HadoopJarStep(
            jar,
            mainClass,
            ImmutableList.copyOf(arguments),
            ImmutableMap.copyOf(properties),
        )
}

/** The block of `sparkSubmit`. */
@EmrysDsl
public class SparkSubmitScope internal constructor(script: Script) : ArgumentsScope(script) {
    private val submit = ArrayList<String>()
    private val conf = LinkedHashMap<String, String>()

    /**
     * A Spark property: `conf("spark.sql.adaptive.enabled", true)`. If a name is set twice, the
     * last value is used.
     */
    public fun conf(name: String, value: Any) {
        conf[name] = script.text(value, "conf(\"$name\")")
    }

    /**
     * Arguments for spark-submit itself: `submit("--executor-memory", "2g")`. Lists are taken as
     * with [args]. A second call adds to the first.
     */
    public fun submit(vararg args: Any) {
        submit += script.texts(args.asIterable(), "An argument of spark-submit")
    }

    internal fun arguments(app: String, mainClass: String?): List<String> = buildList {
        add("spark-submit")
        if (submit.none { it == DEPLOY_MODE || it.startsWith("$DEPLOY_MODE=") }) {
            add(DEPLOY_MODE)
            add("cluster")
        }
        if (mainClass != null) {
            add("--class")
            add(mainClass)
        }
        addAll(submit)
        addAll(confArguments(conf))
        add(app)
        addAll(arguments)
    }

    private companion object {
        const val DEPLOY_MODE = "--deploy-mode"
    }
}

/** The block of `sparkSql`. */
@EmrysDsl
public class SparkSqlScope internal constructor(private val script: Script) {
    private val definitions = LinkedHashMap<String, String>()
    private val conf = LinkedHashMap<String, String>()

    /**
     * A variable that the statements read as `${name}`: `define("day", day)`. If a name is set
     * twice, the last value is used.
     */
    public fun define(name: String, value: Any) {
        definitions[name] = script.text(value, "define(\"$name\")")
    }

    /**
     * A Spark property: `conf("spark.sql.shuffle.partitions", 8)`. If a name is set twice, the last
     * value is used.
     */
    public fun conf(name: String, value: Any) {
        conf[name] = script.text(value, "conf(\"$name\")")
    }

    internal fun arguments(file: String): List<String> =
        listOf("spark-sql", "-f", file) +
            definitions.flatMap { (name, value) -> listOf("--hivevar", "$name=$value") } +
            confArguments(conf)
}

private fun confArguments(conf: Map<String, String>): List<String> = conf.flatMap { (name, value) ->
    listOf("--conf", "$name=$value")
}
