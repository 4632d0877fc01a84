package dev.emrys.host

import dev.emrys.language.EmrScript
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.DiagnosticCode
import dev.emrys.spec.HostCode
import dev.emrys.spec.SourceLocation
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.Path

/** A script on disk, read or refused. */
internal sealed interface ScriptText {
    class Read(val text: String) : ScriptText

    class Unreadable(val diagnostic: Diagnostic) : ScriptText

    companion object {
        private const val ENDING = "." + EmrScript.EXTENSION
        private const val BYTE_ORDER_MARK = "\uFEFF"

        fun of(request: LoadRequest): ScriptText {
            request.text?.let {
                return Read(it)
            }
            val file = request.file
            val location = SourceLocation.at(request.display, 0)
            fun unreadable(code: DiagnosticCode, vararg arguments: Any) =
                Unreadable(code.at(location, *arguments))
            return when {
                Files.isDirectory(file) -> unreadable(HostCode.SCRIPT_IS_FOLDER, ENDING)
                Files.notExists(file) -> unreadable(HostCode.SCRIPT_MISSING, missing(file))
                !file.fileName.toString().endsWith(ENDING) ->
                    unreadable(HostCode.SCRIPT_NAME, ENDING)
                else ->
                    try {
                        decode(Files.readAllBytes(file), request.display)
                    } catch (_: AccessDeniedException) {
                        unreadable(HostCode.SCRIPT_FORBIDDEN)
                    } catch (e: IOException) {
                        unreadable(HostCode.SCRIPT_UNREADABLE, "${e.message}")
                    }
            }
        }

        private fun missing(file: Path): String {
            val withEnding = file.resolveSibling("${file.fileName}$ENDING")
            return if (Files.isRegularFile(withEnding)) "Did you mean ${withEnding.fileName}?"
            else "Looked for ${file.toAbsolutePath().normalize()}."
        }

        private fun decode(bytes: ByteArray, display: String): ScriptText {
            val decoder =
                Charsets.UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
            val input = ByteBuffer.wrap(bytes)
            return try {
                Read(decoder.decode(input).toString().removePrefix(BYTE_ORDER_MARK))
            } catch (_: CharacterCodingException) {
                val line = 1 + (0 until input.position()).count { bytes[it] == '\n'.code.toByte() }
                Unreadable(HostCode.SCRIPT_ENCODING.at(SourceLocation.at(display, line)))
            }
        }
    }
}
