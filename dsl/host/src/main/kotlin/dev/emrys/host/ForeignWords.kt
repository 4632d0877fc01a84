package dev.emrys.host

/**
 * Words of EMR's API, of boto3, Airflow and Terraform, in any of their spellings, with what to
 * write instead. The page of RunJobFlow's members is the table.
 */
internal object ForeignWords {
    private const val PAGE = "run-job-flow.md"
    private val CODE = Regex("`([^`]+)`")

    /** One row of the page. */
    internal class Member(val path: String, val how: String, val remark: String) {
        /** The word of the language; null when there is none. */
        val word: String? = CODE.matchEntire(how)?.groupValues?.get(1)
        val name: String = path.substringAfterLast('.')
    }

    internal val members: List<Member> by lazy {
        val page = checkNotNull(ForeignWords::class.java.getResourceAsStream(PAGE)) { PAGE }
        page.bufferedReader().useLines { lines ->
            lines
                .filter { it.startsWith("| `") }
                .map { line -> line.split('|').map { it.trim() } }
                .map { (_, path, how, remark) -> Member(path.trim('`'), how, remark) }
                .toList()
        }
    }

    /** The member that is nearest to the top is the one that people mean. */
    private val byName: Map<String, Member> by lazy {
        members
            .sortedByDescending { it.path.count { c -> c == '.' } }
            .associateBy { DslWords.plain(it.name) }
    }

    /** Words that are no members of RunJobFlow. */
    private val others: Map<String, String> =
        listOf(
                "jobFlowOverrides" to word("cluster"),
                "jobFlow" to word("cluster"),
                "emrCluster" to word("cluster"),
                "createCluster" to word("cluster"),
                "job" to word("pipeline"),
                "workflow" to word("pipeline"),
                "dag" to word("pipeline"),
                "scheduleInterval" to word("schedule"),
                "catchup" to "Write catchUp = CatchUp.Last in schedule(…) { }.",
                "dependsOn" to word("after"),
                "upstream" to word("after"),
                "retries" to word("retry"),
                "maxAttempts" to word("attempts"),
                "retryDelay" to word("backoff"),
                "executionTimeout" to word("timeout"),
                "timeoutMinutes" to word("timeout"),
                "arguments" to word("args"),
                "masterInstanceGroup" to word("primary"),
                "masterInstanceFleet" to word("primaryFleet"),
                "master" to word("primary"),
                "coreInstanceGroup" to word("core"),
                "coreInstanceFleet" to word("coreFleet"),
                "taskInstanceGroup" to word("task"),
                "slave" to word("core"),
                "worker" to word("core"),
                "workers" to word("core"),
                "ec2Attributes" to
                    "The members of EC2 are words of cluster(…) { }: subnet, keyName, securityGroups, instanceProfile.",
                "subnetId" to word("subnet"),
                "subnetIds" to word("subnets"),
                "availabilityZone" to word("zones"),
                "keepAlive" to word("keepAfterRun"),
                "keepJobFlowAlive" to word("keepAfterRun"),
                "autoTerminate" to member("Instances.KeepJobFlowAliveWhenNoSteps"),
                "bootstrapAction" to word("bootstrap"),
                "configurationsJson" to word("configuration"),
                "emrRelease" to word("release"),
                "emrVersion" to word("release"),
                "ebsRootVolume" to word("rootVolume"),
                "ebsConfig" to word("volume"),
                "awsConnId" to
                    "Emrys takes the credentials from where the AWS command line takes them: it has no word.",
                "waitForCompletion" to "Emrys always waits until what it started has ended.",
                "jobFlowId" to
                    "Emrys starts the clusters of a pipeline itself: the handle of cluster(…) stands for the id.",
                "clusterId" to
                    "Emrys starts the clusters of a pipeline itself: the handle of cluster(…) stands for the id.",
                "executionRoleArn" to word("runtimeRole"),
            )
            .associate { (word, fix) -> DslWords.plain(word) to fix }

    /** What to write instead of a word that is not one of the language; null when it is unknown. */
    fun explanation(word: String): String? {
        val plain = DslWords.plain(word)
        val member = byName[plain]
        return when {
            plain in others -> others[plain]
            member != null && plain !in AMBIGUOUS -> explanation(member)
            else ->
                DslWords.inOtherCase(word)
                    ?.takeIf { it != word && plain.length > SHORT }
                    ?.let(::word)
        }
    }

    private fun member(path: String) = explanation(members.single { it.path == path })

    private fun explanation(member: Member): String {
        val remark = if (member.remark.isEmpty()) "" else " (${member.remark.replace("`", "'")})"
        return when {
            member.word == "rawRequest" ->
                "EMR's ${member.path} has no word: ${raw(member)}$remark."
            member.word != null ->
                "EMR's ${member.name} is '${member.word}' here, ${DslWords.placesOf(member.word)}$remark."
            member.how == "none" -> "EMR's ${member.name} has no word here$remark."
            else -> "Emrys sets EMR's ${member.name} itself$remark."
        }
    }

    private fun raw(member: Member): String {
        val parts = member.path.split('.')
        val value = parts.drop(1).foldRight("…") { name, inner -> "mapOf(\"$name\" to $inner)" }
        return "write rawRequest(\"${parts.first()}\" to $value) in cluster(…) { }"
    }

    private fun word(word: String) = "It is '$word' here, ${DslWords.placesOf(word)}."

    /** Names of members that are also usual names of values in a script. */
    private val AMBIGUOUS = setOf("name", "key", "value", "path", "jar", "type", "properties")

    /** A short word in another case, as `s3` and `S3`, is more likely a name of the author's. */
    private const val SHORT = 3
}
