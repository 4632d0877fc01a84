package dev.emrys.storage.logs

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.time.Duration
import kotlin.io.path.appendText
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText

class LogsServiceTest :
    FunSpec({
        test("groups and streams are created once, listed by pages, and deleted") {
            val logs = Logs()
            (1..7).forEach { logs.create("/g/$it", "b", "a") }
            logs.error("CreateLogGroup", "logGroupName" to "/g/1") shouldBe
                "ResourceAlreadyExistsException: The specified log group already exists"
            val stream = arrayOf("logGroupName" to "/g/1", "logStreamName" to "a")
            logs.error("CreateLogStream", *stream) shouldBe
                "ResourceAlreadyExistsException: The specified log stream already exists"
            val names = mutableListOf<String>()
            var token: String? = null
            do {
                val page =
                    logs.call(
                        "DescribeLogGroups",
                        "logGroupNamePrefix" to "/g/",
                        "limit" to 3,
                        "nextToken" to token,
                    )
                names += page.path("logGroups").map { it.path("logGroupName").asText() }
                token = page.path("nextToken").textValue()
            } while (token != null)
            names shouldContainExactly (1..7).map { "/g/$it" }
            logs.call("DeleteLogStream", *stream)
            logs.error("DeleteLogStream", *stream) shouldBe
                "ResourceNotFoundException: The specified log stream does not exist."
            logs.call("DeleteLogGroup", "logGroupName" to "/g/2")
            logs.error("DescribeLogStreams", "logGroupName" to "/g/2") shouldBe
                "ResourceNotFoundException: The specified log group does not exist."
            val again = logs.restarted()
            again.call("DescribeLogStreams", "logGroupName" to "/g/1").path("logStreams").map {
                it.path("logStreamName").asText()
            } shouldContainExactly listOf("b")
            again.call("DescribeLogGroups").path("logGroups").size() shouldBe 6
        }

        test("a token of another request is refused") {
            val logs = Logs().create("/a").create("/b")
            val token = logs.call("DescribeLogGroups", "limit" to 1).path("nextToken").textValue()
            val refused = "InvalidParameterException: The specified nextToken is invalid."
            logs.error(
                "DescribeLogGroups",
                "logGroupNamePrefix" to "/b",
                "nextToken" to token,
            ) shouldBe refused
            logs.error("DescribeLogGroups", "nextToken" to "x") shouldBe refused
        }

        test("names have the characters and the lengths that the service allows") {
            val logs = Logs().create()
            logs.error("CreateLogGroup", "logGroupName" to "a b") shouldContain
                "Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy " +
                    "regular expression pattern"
            logs.error("CreateLogGroup", "logGroupName" to "") shouldContain
                "Member must have length greater than or equal to 1"
            logs.error("CreateLogGroup", "logGroupName" to "a".repeat(513)) shouldContain
                "Member must have length less than or equal to 512"
            logs.error("CreateLogGroup") shouldContain "Member must not be null"
            for (name in listOf("a:b", "a*b")) {
                logs.error(
                    "CreateLogStream",
                    "logGroupName" to GROUP,
                    "logStreamName" to name,
                ) shouldStartWith "InvalidParameterException"
            }
            val names =
                listOf("ü/%~", "..", ".hidden", "x".repeat(512), "x".repeat(511) + "y", "a\n b")
            logs.create("g".repeat(512), *names.toTypedArray())
            val group = "g".repeat(512)
            names.forEach { logs.put(logs.now to "in $it", stream = it, group = group) }
            val again = logs.restarted()
            for (name in names) {
                withClue(name) {
                    again
                        .call(
                            "GetLogEvents",
                            "logGroupName" to group,
                            "logStreamName" to name,
                        )
                        .messages() shouldContainExactly listOf("in $name")
                }
            }
        }

        test("a batch has the limits of PutLogEvents") {
            val logs = Logs().create()
            fun refused(vararg events: Pair<Long, String>) =
                logs.error(
                    "PutLogEvents",
                    "logGroupName" to GROUP,
                    "logStreamName" to STREAM,
                    "logEvents" to
                        events.map { mapOf("timestamp" to it.first, "message" to it.second) },
                )
            val now = logs.now
            refused(now to "b", now - 1 to "a") shouldContain "must be in chronological order"
            refused(now - hours(24) - 1 to "a", now to "b") shouldContain
                "cannot span more than 24 hours"
            refused(now - hours(24) to "a", now to "b") shouldBe "none"
            refused() shouldContain "Member must have length greater than or equal to 1"
            refused(now to "") shouldContain "'logEvents.1.member.message'"
            refused(*Array(10_001) { now to "x" }) shouldContain "less than or equal to 10000"
            // 26 bytes are counted for each event, and a message in UTF-8.
            refused(now to "ü".repeat(524_275)) shouldBe "none"
            refused(now to "ü".repeat(524_275) + "x") shouldBe
                "InvalidParameterException: Upload too large: 1048577 bytes exceeds limit of 1048576"
        }

        test("events that are too old, expired or too new are rejected and the others are stored") {
            val logs = Logs().create()
            val now = logs.now
            logs
                .put(now - days(14) - 1 to "too old", now - days(14) to "old")
                .path("rejectedLogEventsInfo")
                .toString() shouldBe """{"tooOldLogEventEndIndex":1}"""
            logs
                .put(now to "now", now + hours(2) to "new", now + hours(2) + 1 to "too new")
                .path("rejectedLogEventsInfo")
                .toString() shouldBe """{"tooNewLogEventStartIndex":2}"""
            logs.get().messages() shouldContainExactly listOf("old", "now", "new")
            logs.call("PutRetentionPolicy", "logGroupName" to GROUP, "retentionInDays" to 1)
            logs
                .put(now - days(1) - 1 to "expired", now - days(1) to "kept")
                .path("rejectedLogEventsInfo")
                .toString() shouldBe """{"expiredLogEventEndIndex":1}"""
            logs.get().messages() shouldContainExactly listOf("kept", "now", "new")
            logs
                .put(now to "the answer of a batch that is stored whole")
                .has("rejectedLogEventsInfo") shouldBe false
        }

        test("what the retention has ended is not shown, and deleted with the next start") {
            val logs = Logs().create()
            logs.put(logs.now to "1", logs.now + 1 to "2")
            logs.call("PutRetentionPolicy", "logGroupName" to GROUP, "retentionInDays" to 3)
            logs.error(
                "PutRetentionPolicy",
                "logGroupName" to GROUP,
                "retentionInDays" to 2,
            ) shouldContain "Member must satisfy enum value set: [1, 3, 5"
            logs.time.pass(Duration.ofDays(3).plusMillis(1))
            logs.get().messages() shouldContainExactly listOf("2")
            logs.filter().messages() shouldContainExactly listOf("2")
            logs.call("DeleteRetentionPolicy", "logGroupName" to GROUP)
            logs.get().messages() shouldContainExactly listOf("1", "2")
            logs.call("PutRetentionPolicy", "logGroupName" to GROUP, "retentionInDays" to 3)
            logs.time.pass(Duration.ofDays(1))
            val again = logs.restarted()
            again.get().messages().shouldBeEmpty()
            logs.folder.file().readText() shouldContain "logStreamName"
            logs.folder.file().readLines().size shouldBe 1
            again.put(again.now to "3")
            again.restarted().get().messages() shouldContainExactly listOf("3")
        }

        test("GetLogEvents goes forward to the end, where the token stays, and backward") {
            val logs = Logs().create()
            val now = logs.now
            logs.put(*Array(10) { now + it to "$it" })
            val latest = logs.get("limit" to 4)
            latest.messages() shouldContainExactly listOf("6", "7", "8", "9")
            val before =
                logs.get("limit" to 4, "nextToken" to latest.path("nextBackwardToken").textValue())
            before.messages() shouldContainExactly listOf("2", "3", "4", "5")
            val first = logs.get("limit" to 8, "startFromHead" to true)
            first.messages() shouldContainExactly (0..7).map { "$it" }
            fun next(token: String) = logs.get("limit" to 8, "nextToken" to token)
            val second = next(first.path("nextForwardToken").textValue())
            second.messages() shouldContainExactly listOf("8", "9")
            val end = second.path("nextForwardToken").textValue()
            next(end).messages().shouldBeEmpty()
            next(end).path("nextForwardToken").textValue() shouldBe end
            logs.put(now + 20 to "later")
            next(end).messages() shouldContainExactly listOf("later")
            logs.get("startTime" to now + 3, "endTime" to now + 5).messages() shouldContainExactly
                listOf("3", "4")
            logs.error(
                "GetLogEvents",
                "logGroupName" to GROUP,
                "logStreamName" to STREAM,
                "nextToken" to "f/x",
            ) shouldContain "nextToken is invalid"
        }

        test("FilterLogEvents searches streams in the order of time, by pattern and prefix") {
            val logs = Logs().create(GROUP, "a/1", "a/2", "b/1")
            val now = logs.now
            logs.put(now to "ERROR one", now + 4 to "fine", stream = "a/1")
            logs.put(now + 1 to "ERROR two", now + 3 to "WARN three", stream = "a/2")
            logs.put(now + 2 to "ERROR four", stream = "b/1")
            logs.filter("filterPattern" to "ERROR").messages() shouldContainExactly
                listOf("ERROR one", "ERROR two", "ERROR four")
            logs
                .filter("filterPattern" to "?ERROR ?WARN", "logStreamNamePrefix" to "a/")
                .messages() shouldContainExactly listOf("ERROR one", "ERROR two", "WARN three")
            logs
                .filter("logStreamNames" to listOf("b/1", "a/1"), "endTime" to now + 2)
                .messages() shouldContainExactly listOf("ERROR one", "ERROR four")
            val ids = logs.filter().path("events").map { it.path("eventId").asText() }
            ids.toSet().size shouldBe 5
            ids.map { it.length }.toSet() shouldContainExactly setOf(56)
            val page = logs.filter("limit" to 2)
            page.messages() shouldContainExactly listOf("ERROR one", "ERROR two")
            logs
                .filter("limit" to 2, "nextToken" to page.path("nextToken").textValue())
                .messages() shouldContainExactly listOf("ERROR four", "WARN three")
            val arn = "arn:aws:logs:eu-west-1:123456789012:log-group:$GROUP"
            for (identifier in listOf(arn, "$arn:*", GROUP)) {
                logs
                    .call("FilterLogEvents", "logGroupIdentifier" to identifier)
                    .messages()
                    .size shouldBe 5
            }
            logs.error(
                "FilterLogEvents",
                "logGroupName" to GROUP,
                "logStreamNames" to listOf("none"),
            ) shouldStartWith "ResourceNotFoundException"
        }

        test("streams are listed by the time of their last event, and with their times") {
            val logs = Logs().create(GROUP, "a", "b", "c")
            logs.put(logs.now + 5 to "x", stream = "a")
            logs.put(logs.now + 9 to "x", stream = "c")
            logs.put(logs.now + 1 to "x", logs.now + 7 to "y", stream = "b")
            val streams =
                logs
                    .call(
                        "DescribeLogStreams",
                        "logGroupName" to GROUP,
                        "orderBy" to "LastEventTime",
                        "descending" to true,
                    )
                    .path("logStreams")
            streams.map { it.path("logStreamName").asText() } shouldContainExactly
                listOf("c", "b", "a")
            streams[1].path("firstEventTimestamp").asLong() shouldBe logs.now + 1
            streams[1].path("lastEventTimestamp").asLong() shouldBe logs.now + 7
            streams[1].path("lastIngestionTime").asLong() shouldBe logs.now
            streams[1].path("arn").asText() shouldBe
                "arn:aws:logs:eu-west-1:123456789012:log-group:$GROUP:log-stream:b"
            logs.error(
                "DescribeLogStreams",
                "logGroupName" to GROUP,
                "orderBy" to "LastEventTime",
                "logStreamNamePrefix" to "a",
            ) shouldContain "Cannot order by LastEventTime with a logStreamNamePrefix."
            logs
                .call("DescribeLogGroups")
                .path("logGroups")[0]
                .path("storedBytes")
                .asLong() shouldBe 4 * 27
        }

        test("groups have tags, in the newer and the older form") {
            val logs = Logs().create()
            val arn = "arn:aws:logs:eu-west-1:123456789012:log-group:$GROUP"
            logs.call("TagResource", "resourceArn" to arn, "tags" to mapOf("a" to "1", "b" to ""))
            logs.call("TagLogGroup", "logGroupName" to GROUP, "tags" to mapOf("c" to "3"))
            logs.call("UntagResource", "resourceArn" to arn, "tagKeys" to listOf("a"))
            val again = logs.restarted()
            again.call("ListTagsForResource", "resourceArn" to arn).toString() shouldBe
                """{"tags":{"b":"","c":"3"}}"""
            again.call("UntagLogGroup", "logGroupName" to GROUP, "tags" to listOf("c"))
            again.call("ListTagsLogGroup", "logGroupName" to GROUP).toString() shouldBe
                """{"tags":{"b":""}}"""
            logs.error(
                "TagResource",
                "resourceArn" to arn,
                "tags" to (1..50).associate { "k$it" to "" },
            ) shouldStartWith "TooManyTagsException"
            logs.error(
                "TagResource",
                "resourceArn" to "$arn-x",
                "tags" to mapOf("a" to ""),
            ) shouldStartWith "ResourceNotFoundException"
            logs.error(
                "CreateLogGroup",
                "logGroupName" to "x",
                "tags" to mapOf("aws:a" to ""),
            ) shouldStartWith "InvalidParameterException"
        }

        test("a group that is protected from deletion is not deleted") {
            val logs = Logs()
            logs.call("CreateLogGroup", "logGroupName" to "x", "deletionProtectionEnabled" to true)
            logs.restarted().error("DeleteLogGroup", "logGroupName" to "x") shouldStartWith
                "ValidationException"
        }

        test("an append that was cut off leaves the whole events, and a damaged line is left out") {
            val logs = Logs().create()
            logs.put(logs.now to "one", logs.now + 1 to "two")
            val file = logs.folder.file()
            file.appendText("no event\n{\"timestamp\":${logs.now + 2},\"ingestionTime\":1,\"mess")
            val again = logs.restarted()
            again.get().messages() shouldContainExactly listOf("one", "two")
            again.put(again.now + 3 to "three")
            again.get().messages() shouldContainExactly listOf("one", "two", "three")
            file.readLines().size shouldBe 5
            again.restarted().get().messages() shouldContainExactly listOf("one", "two", "three")
        }

        test("a group that was deleted or created only in part is none, and can be created") {
            val logs = Logs().create()
            val folder = logs.folder.file().parent
            Files.delete(folder.resolve(".group.json"))
            val again = logs.restarted()
            again.call("DescribeLogGroups").path("logGroups").shouldBeEmpty()
            again.create()
            again.get().messages().shouldBeEmpty()
        }

        test("files are for this user only, and people can read them") {
            val logs = Logs().create()
            logs.put(logs.now to "größer")
            val file = logs.folder.file()
            file.readLines()[1] shouldBe
                """{"timestamp":${logs.now},"ingestionTime":${logs.now},"message":"größer"}"""
            file.parent.name shouldBe "%2Faws%2Femr%2Fj-1"
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) shouldBe "rw-------"
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file.parent)) shouldBe
                "rwx------"
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(file.resolveSibling(".group.json"))
            ) shouldBe "rw-------"
        }

        test("services write to streams that do not exist yet, also what is older than 14 days") {
            val logs = Logs()
            val events = com.google.common.collect.ImmutableList.of(LogEvent(5, "long ago"))
            logs.groups.add(GROUP, STREAM, events)
            logs.groups.add(GROUP, STREAM, events)
            logs.get().messages() shouldContainExactly listOf("long ago", "long ago")
        }

        test("the page has every operation") {
            val rows = File("LOGS.md").readLines().filter { it.startsWith("| `") }
            rows.map { it.split("`")[1] } shouldContainExactly
                LogsService(Logs().groups, "eu-west-1", "123456789012").operations().toList()
        }

        test("an operation that is not emulated says so, and a body that is no object") {
            val logs = Logs()
            logs.error("StartQuery") shouldBe
                "UnknownOperationException: Logs_20140328.StartQuery is not emulated."
            logs.error("CreateLogGroup", "logGroupName" to 5) shouldStartWith
                "SerializationException"
            logs.error("DescribeLogGroups", "limit" to 51) shouldContain
                "Member must have value less than or equal to 50"
            logs.error("GetLogEvents", "logStreamName" to "x") shouldContain
                "Either LogGroup name or LogGroup identifier"
        }
    })

/** The only stream. */
private fun java.nio.file.Path.file(): java.nio.file.Path =
    listDirectoryEntries().single().listDirectoryEntries().single { !it.name.startsWith(".") }
