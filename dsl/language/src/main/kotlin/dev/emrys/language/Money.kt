package dev.emrys.language

import java.math.BigDecimal

/** An amount of US dollars: `25.usd`, `0.5.usd`. */
public class Usd internal constructor(internal val amount: BigDecimal) {
    override fun toString(): String = "${amount.toPlainString()} USD"
}

/** US dollars: `budget = 25.usd`. */
public val Int.usd: Usd
    get() = Usd(BigDecimal.valueOf(toLong()))

/** US dollars: `budget = 12.5.usd`. */
public val Double.usd: Usd
    get() = Usd(if (isFinite()) BigDecimal.valueOf(this) else BigDecimal.valueOf(-1))
