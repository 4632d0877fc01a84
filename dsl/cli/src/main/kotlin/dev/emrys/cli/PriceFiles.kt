package dev.emrys.cli

import dev.emrys.cost.ClusterRates
import dev.emrys.cost.PriceTable
import dev.emrys.spec.CommandCode
import java.io.IOException
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.Path

/**
 * The prices of a target: those of the file that emrys.properties names, else the standard ones.
 */
internal object PriceFiles {
    /** Null for a target that costs nothing. */
    fun rates(target: String, script: Path?, state: Path): ClusterRates? =
        if (target == TargetName.AWS.text) aws(script, state) else null

    /** In a function of its own, so that nothing of it is loaded for another target. */
    private fun aws(script: Path?, state: Path): ClusterRates {
        val file = PropertiesFile.nearest(script, state)[PropertiesFile.PRICES]
        return ClusterRates(if (file == null) PriceTable.standard() else read(file))
    }

    private fun read(file: String): PriceTable =
        try {
            PriceTable.read(Files.readString(Path.of(file)))
        } catch (e: IOException) {
            throw StopException(CommandCode.PRICES_UNREADABLE.of(file, e))
        } catch (e: InvalidPathException) {
            throw StopException(CommandCode.PRICES_UNREADABLE.of(file, e.message ?: e))
        } catch (e: IllegalArgumentException) {
            throw StopException(CommandCode.PRICES_UNREADABLE.of(file, e.message ?: e))
        }
}
