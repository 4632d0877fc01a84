package dev.emrys.cli

import dev.emrys.runtime.LocalTarget
import dev.emrys.spec.CommandCode
import java.util.OptionalInt

/**
 * How many steps an account on this machine runs at the same time: the number as users write it.
 */
internal object StepLimit {
    const val EXPECTED = "a whole number from 1 to ${LocalTarget.MOST_STEPS}"

    /** Null if [text] is no such number. */
    fun parse(text: String): Int? = text.toIntOrNull()?.takeIf { it in 1..LocalTarget.MOST_STEPS }

    /** @param where the name of the option or variable */
    fun checked(text: String, where: String): Int =
        parse(text) ?: throw StopException(CommandCode.OPTION_VALUE.of(text, where, EXPECTED))

    fun optional(number: Int?): OptionalInt =
        if (number == null) OptionalInt.empty() else OptionalInt.of(number)
}
