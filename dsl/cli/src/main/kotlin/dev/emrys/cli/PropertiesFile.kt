package dev.emrys.cli

import dev.emrys.language.Spelling
import dev.emrys.runtime.SettingsFile
import dev.emrys.spec.AwsCode
import dev.emrys.spec.AwsValue
import dev.emrys.spec.CommandCode
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.SourceLocation
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * `emrys.properties`: settings for the scripts of a folder and below. One `key = value` in a line,
 * as in Java's properties files; `#` and `!` begin a comment.
 */
internal object PropertiesFile {
    const val NAME = "emrys.properties"
    const val TARGET = "target"
    const val PROFILE = "aws.profile"
    const val REGION = "aws.region"
    const val ROLE = "aws.role"
    const val ENDPOINT = "aws.endpoint"
    const val STORAGE_ENDPOINT = "aws.endpoint.s3"
    const val STAGING = "aws.staging"
    const val PRICES = "aws.prices"
    const val LOCAL_STEPS = "local.steps"
    private val KEYS =
        listOf(
            TARGET,
            PROFILE,
            REGION,
            ROLE,
            ENDPOINT,
            STORAGE_ENDPOINT,
            STAGING,
            PRICES,
            LOCAL_STEPS,
        )

    /**
     * The settings of the nearest file: in the folder of the script or above it, else beside the
     * state folder; none without one.
     *
     * @throws StopException when other users may change the file, or it has an error
     */
    fun nearest(script: Path?, state: Path): Map<String, String> {
        val from = script?.toAbsolutePath()?.normalize()?.parent
        val file =
            (generateSequence(from) { it.parent } + listOfNotNull(state.parent))
                .map { it.resolve(NAME) }
                .firstOrNull(Files::isRegularFile) ?: return emptyMap()
        SettingsFile.distrust(file).ifPresent {
            throw StopException(AwsCode.SETTINGS_UNTRUSTED.of(file, it))
        }
        return read(file)
    }

    private fun read(file: Path): Map<String, String> {
        val lines =
            try {
                Files.readAllLines(file)
            } catch (e: IOException) {
                throw StopException(CommandCode.PROPERTIES_UNREADABLE.of(file, e))
            }
        val values = LinkedHashMap<String, String>()
        val errors = ArrayList<Diagnostic>()
        for ((index, raw) in lines.withIndex()) {
            val line = raw.trim()
            if (line.isEmpty() || line[0] in "#!") continue
            val at = SourceLocation("$file", index + 1, raw.indexOf(line) + 1)
            val end = line.indexOfAny(charArrayOf('=', ':'))
            val key = if (end < 0) line else line.substring(0, end).trim()
            val value = if (end < 0) "" else line.substring(end + 1).trim()
            when {
                key !in KEYS -> errors.add(unknown(key, at))
                value.isEmpty() -> errors.add(CommandCode.PROPERTIES_LINE.at(at, key))
                values.put(key, value(key, value, file)) != null ->
                    errors.add(CommandCode.PROPERTIES_TWICE.at(at, key))
                key == TARGET && value !in TARGETS ->
                    errors.add(CommandCode.PROPERTIES_TARGET.at(at, value))
                key == LOCAL_STEPS && StepLimit.parse(value) == null ->
                    errors.add(CommandCode.OPTION_VALUE.at(at, value, key, StepLimit.EXPECTED))
                FORMS[key]?.fits(value) == false ->
                    errors.add(AwsCode.VALUE_FORM.at(at, key, value, FORMS.getValue(key).wanted()))
            }
        }
        if (errors.isNotEmpty()) throw StopException(errors)
        return values
    }

    /** A file is named from the folder of the properties file. */
    private fun value(key: String, value: String, file: Path): String =
        if (key == PRICES) "${file.resolveSibling(value)}" else value

    private fun unknown(key: String, at: SourceLocation): Diagnostic {
        val near = Spelling.nearest(key, KEYS)?.let { "Did you mean $it? " }.orEmpty()
        return CommandCode.PROPERTIES_KEY.at(at, key, near, KEYS.joinToString(", "))
    }

    private val FORMS =
        mapOf(PROFILE to AwsValue.PROFILE, REGION to AwsValue.REGION, ROLE to AwsValue.ROLE)
    private val TARGETS = TargetName.entries.map { it.text }
}
