package dev.emrys.cli

import dev.emrys.host.ScriptHost
import dev.emrys.runtime.JournalDatabase
import dev.emrys.scheduler.ServedSchedule
import dev.emrys.spec.CommandCode
import java.io.IOException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** The schedulers of a machine that can call Emrys. */
internal enum class OtherScheduler {
    CRONTAB,
    SYSTEMD,
}

/** Options of both commands. */
internal class InstallOptions {
    @Parameters(
        paramLabel = "FILE|FOLDER",
        arity = "1..*",
        description =
            ["Scripts, and folders with scripts, also below them. Each is installed by itself."],
    )
    var paths: List<Path> = emptyList()

    @Option(
        names = ["--as"],
        required = true,
        paramLabel = "crontab|systemd",
        description = ["The scheduler: the user's crontab, or a systemd timer."],
    )
    lateinit var scheduler: OtherScheduler

    @Option(
        names = ["--units"],
        paramLabel = "FOLDER",
        description =
            [
                "The folder of the systemd units, such as /etc/systemd/system. systemd is then not called. Default: the",
                "folder of the user's own units.",
            ],
    )
    var units: Path? = null

    @Option(names = ["--dry-run"], description = ["Print what would be written, and do nothing."])
    var dryRun: Boolean = false

    val unitFolder: Path
        get() = units?.toAbsolutePath()?.normalize() ?: SystemdUnits.userFolder()

    /** Whether the user's own systemd is to read the units now. */
    val callsSystemd: Boolean
        get() = units == null && SystemdUnits.isManaged()

    /** A part of the command line with which a person calls systemd. */
    val systemctl: String
        get() = if (units == null) "systemctl --user" else "systemctl"
}

@Command(
    name = "install",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lets the scheduler of this machine run schedules: writes a line of the user's crontab, or a systemd timer, that",
            "calls emrys schedule tick every minute. Schedules that were not served before fire from now on. A second time it",
            "replaces what the first one has written.",
        ],
)
internal class ScheduleInstallCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var install: InstallOptions

    @Option(
        names = ["--every-minutes"],
        paramLabel = "N",
        description =
            ["Call every N minutes: fires start up to N minutes late. From 1 to 59. Default: 1."],
    )
    var everyMinutes: Int = 1

    @Mixin lateinit var state: StateOptions

    private class Item(
        val call: InstalledCall,
        val folder: Path,
        val schedules: List<ServedSchedule>,
    )

    override fun call(): Int {
        InstalledCall.checkPeriod(everyMinutes)
        val database = state.database
        val log = ServeLog(console, json = false, tellsLoaded = false)
        val host = ScriptHost(StateFolders.cache().resolve("scripts"))
        val items =
            ServedScripts.paths(install.paths).distinct().map { path ->
                val scripts = ServedScripts(listOf(path), host, log, lastGood = null)
                val schedules = scripts.scan(first = true).orEmpty()
                if (scripts.broken.isNotEmpty()) return ExitCode.USER_ERROR.code
                if (schedules.isEmpty())
                    throw StopException(CommandCode.NOTHING_TO_INSTALL.of(path))
                val folder = StateFolders.ofServed(state.state, path)
                Item(
                    InstalledCall.of(path, folder, state.databaseUrl, options()),
                    folder,
                    schedules,
                )
            }
        when (install.scheduler) {
            OtherScheduler.CRONTAB -> crontab(items, database)
            OtherScheduler.SYSTEMD -> systemd(items, database)
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun options(): List<String> =
        (if (everyMinutes == 1) emptyList() else listOf("--every-minutes", "$everyMinutes")) +
            // systemd starts no service that is running.
            (if (install.scheduler == OtherScheduler.SYSTEMD) listOf("--until-idle")
            else emptyList())

    private fun crontab(items: List<Item>, database: JournalDatabase?) {
        val before = if (install.dryRun) CrontabText("") else Crontab.read()
        val after =
            items.fold(before) { crontab, item ->
                val lines =
                    CrontabText.lines(
                        item.call,
                        everyMinutes,
                        item.folder.resolve(LOG),
                        item.schedules.map(::described),
                    )
                crontab.with(item.call.served, lines)
            }
        if (install.dryRun) {
            console.print(String(after.text.toByteArray(Charsets.ISO_8859_1)).removeSuffix("\n"))
            return
        }
        items.forEach {
            declare(it, database)
            createLog(it.folder.resolve(LOG))
        }
        Crontab.write(after)
        items.forEach {
            told(it, "What the calls print is in ${it.folder.resolve(LOG)}.")
        }
    }

    private fun systemd(items: List<Item>, database: JournalDatabase?) {
        val folder = install.unitFolder
        val isCalled = !install.dryRun && install.callsSystemd
        for (item in items) {
            val units = SystemdUnits(item.call.served)
            if (install.dryRun) {
                console.print("# ${folder.resolve(units.service)}")
                console.print(units.serviceText(item.call))
                console.print("# ${folder.resolve(units.timer)}")
                console.print(units.timerText(item.call, everyMinutes))
                continue
            }
            declare(item, database)
            units.write(folder, item.call, everyMinutes)
            val isStarted =
                isCalled &&
                    SystemdUnits.control("daemon-reload") &&
                    SystemdUnits.control("enable", "--now", units.timer) &&
                    // A timer that was running keeps its old times else.
                    SystemdUnits.control("restart", units.timer)
            told(
                item,
                if (isStarted) "What the calls print: journalctl --user -u '${units.service}'"
                else
                    "The timer is not started yet: ${install.systemctl} daemon-reload && ${install.systemctl} enable --now" +
                        " '${units.timer}'",
            )
        }
    }

    /** So that a fire between now and the first call is run. */
    private fun declare(item: Item, database: JournalDatabase?) {
        Engines.open(console, item.folder, database).use { engine ->
            item.schedules.forEach { engine.schedules().declare(it, ScheduleFolders.person()) }
            val log = ServeLog(console, json = false)
            // What exists now does not fire.
            ServedTriggers(engine, ScheduleFolders.person(), log).use { it.poll(item.schedules) }
        }
    }

    /** For this user only, whatever the mask of the calls. */
    private fun createLog(log: Path) {
        val mode =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        try {
            Files.createDirectories(log.parent)
            Files.createFile(log, mode)
        } catch (_: FileAlreadyExistsException) {} catch (_: IOException) {
            // The call's shell says why.
        }
    }

    private fun described(schedule: ServedSchedule) =
        "${schedule.id()}: ${schedule.timing()} (${schedule.fires().schedule().zone().id()})"
            .map { if (it.isISOControl()) ' ' else it }
            .joinToString("")

    private fun told(item: Item, more: String) {
        console.status(
            "Installed ${Formats.count(item.schedules.size, "schedule")} of ${item.call.served}."
        )
        console.status("    $more")
    }

    private companion object {
        const val LOG = "schedule.log"
    }
}

@Command(
    name = "uninstall",
    mixinStandardHelpOptions = true,
    description =
        [
            "Removes what emrys schedule install has written, and nothing else. Runs that are running go on to their end."
        ],
)
internal class ScheduleUninstallCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var install: InstallOptions

    override fun call(): Int {
        // They may be gone.
        val paths = install.paths.map { it.toAbsolutePath().normalize() }.distinct()
        when (install.scheduler) {
            OtherScheduler.CRONTAB -> crontab(paths)
            OtherScheduler.SYSTEMD -> systemd(paths)
        }
        if (!install.dryRun) paths.forEach { console.status("Uninstalled $it.") }
        return ExitCode.SUCCEEDED.code
    }

    private fun crontab(paths: List<Path>) {
        val before = Crontab.read()
        paths
            .firstOrNull { "$it" !in before.installed }
            ?.let { throw notInstalled(it, before.installed) }
        val after = paths.fold(before) { crontab, path -> crontab.without(path) }
        if (install.dryRun)
            console.print(String(after.text.toByteArray(Charsets.ISO_8859_1)).removeSuffix("\n"))
        else Crontab.write(after)
    }

    private fun systemd(paths: List<Path>) {
        val folder = install.unitFolder
        val units = paths.associateWith(::SystemdUnits)
        units.entries
            .firstOrNull { (_, unit) -> !unit.isIn(folder) }
            ?.let { throw notInstalled(it.key, emptyList()) }
        val isCalled = !install.dryRun && install.callsSystemd
        for (unit in units.values) {
            if (install.dryRun) {
                console.print("${folder.resolve(unit.timer)}\n${folder.resolve(unit.service)}")
                continue
            }
            if (isCalled) SystemdUnits.control("disable", "--now", unit.timer)
            unit.remove(folder)
            if (isCalled) SystemdUnits.control("daemon-reload")
            else
                console.status(
                    "A timer that is running is not stopped yet: ${install.systemctl} stop '${unit.timer}' &&" +
                        " ${install.systemctl} daemon-reload"
                )
        }
    }

    private fun notInstalled(path: Path, installed: List<String>) =
        StopException(
            CommandCode.NOT_INSTALLED.of(
                path,
                when {
                    installed.isNotEmpty() -> "What is installed: ${installed.joinToString(", ")}."
                    install.scheduler == OtherScheduler.SYSTEMD ->
                        "Looked for ${SystemdUnits(path).timer} in ${install.unitFolder}."
                    else -> "The crontab of this user has no installation of Emrys."
                },
            )
        )
}
