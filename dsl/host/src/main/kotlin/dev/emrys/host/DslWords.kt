package dev.emrys.host

import dev.emrys.language.AllocationStrategy
import dev.emrys.language.Application
import dev.emrys.language.ArgumentsScope
import dev.emrys.language.AutoScalingScope
import dev.emrys.language.AwsScope
import dev.emrys.language.CancelStepScope
import dev.emrys.language.CapacityReservationsScope
import dev.emrys.language.CatchUp
import dev.emrys.language.Cause
import dev.emrys.language.CloudWatchLogsScope
import dev.emrys.language.ClusterHandle
import dev.emrys.language.ClusterOptionsScope
import dev.emrys.language.ClusterScope
import dev.emrys.language.ClusterState
import dev.emrys.language.Comparison
import dev.emrys.language.ConfigurationScope
import dev.emrys.language.DefaultsScope
import dev.emrys.language.EmailScope
import dev.emrys.language.EmailSecurity
import dev.emrys.language.ExistingClusterScope
import dev.emrys.language.Failure
import dev.emrys.language.FleetScope
import dev.emrys.language.FleetTypeScope
import dev.emrys.language.Gap
import dev.emrys.language.InstanceGroupScope
import dev.emrys.language.InstanceSetupScope
import dev.emrys.language.InstanceType
import dev.emrys.language.InstancesScope
import dev.emrys.language.JarScope
import dev.emrys.language.KerberosScope
import dev.emrys.language.ManagedScalingScope
import dev.emrys.language.MonitoringScope
import dev.emrys.language.NotificationsScope
import dev.emrys.language.OnDemandLaunchScope
import dev.emrys.language.OnDemandResizeScope
import dev.emrys.language.OperationScope
import dev.emrys.language.Overlap
import dev.emrys.language.ParamMoment
import dev.emrys.language.ParamScope
import dev.emrys.language.PipelineScope
import dev.emrys.language.PlacementStrategy
import dev.emrys.language.Release
import dev.emrys.language.Repeat
import dev.emrys.language.RepoUpgradeOnBoot
import dev.emrys.language.ReservationPreference
import dev.emrys.language.ResizeScope
import dev.emrys.language.RetryCapacityScope
import dev.emrys.language.RetryScope
import dev.emrys.language.ScaleDownBehavior
import dev.emrys.language.ScalingAlarmScope
import dev.emrys.language.ScalingChangeScope
import dev.emrys.language.ScalingRuleScope
import dev.emrys.language.ScalingStrategy
import dev.emrys.language.ScalingUnit
import dev.emrys.language.ScheduleScope
import dev.emrys.language.ScriptScope
import dev.emrys.language.SecurityGroupsScope
import dev.emrys.language.SparkSqlScope
import dev.emrys.language.SparkSubmitScope
import dev.emrys.language.Spelling
import dev.emrys.language.SpotLaunchScope
import dev.emrys.language.SpotResizeScope
import dev.emrys.language.SpotScope
import dev.emrys.language.Statistic
import dev.emrys.language.StepChoiceScope
import dev.emrys.language.StepScope
import dev.emrys.language.TimeoutAction
import java.lang.reflect.Modifier

/** The words of the language and where each can be used, read from its classes by reflection. */
internal object DslWords {
    private val ACCESSOR = Regex("[gs]et[A-Z].*")

    private val homes: List<Pair<Class<*>, String>> =
        listOf(
            ScriptScope::class.java to "anywhere in a script",
            PipelineScope::class.java to "in pipeline(…) { }",
            ClusterScope::class.java to "in cluster(…) { }",
            ExistingClusterScope::class.java to "in existingCluster(…) { }",
            ClusterHandle::class.java to
                "after a cluster's handle: val c = cluster(…) { … } and c.step(…) { … }",
            StepScope::class.java to "in step(…) { }",
            InstancesScope::class.java to "in instances { }",
            InstanceGroupScope::class.java to
                "in the block of an instance group, such as task(…) { }",
            SpotScope::class.java to "in spot { }",
            ConfigurationScope::class.java to "in configuration(…) { }",
            DefaultsScope::class.java to "in defaults { }",
            RetryScope::class.java to "in retry { }",
            RetryCapacityScope::class.java to "in onRetry { }",
            ScheduleScope::class.java to "in schedule(…) { }",
            NotificationsScope::class.java to "in notifications { }",
            EmailScope::class.java to "in email(…) { }",
            AwsScope::class.java to "in aws { }",
            ParamScope::class.java to "in the block of a parameter",
            ParamMoment::class.java to "in default { } of a parameter",
            SparkSubmitScope::class.java to "in sparkSubmit(…) { }",
            SparkSqlScope::class.java to "in sparkSql(…) { }",
            JarScope::class.java to "in mapReduce(…) { } and hadoopJarStep(…) { }",
            ArgumentsScope::class.java to
                "in sparkSubmit(…) { }, mapReduce(…) { }, script(…) { } and hadoopJarStep(…) { }",
            ClusterOptionsScope::class.java to "in cluster(…) { }",
            InstanceSetupScope::class.java to
                "in the block of an instance group or of a type of a fleet",
            FleetScope::class.java to "in the block of a fleet, such as coreFleet(…) { }",
            FleetTypeScope::class.java to "in type(…) { } of a fleet",
            SpotLaunchScope::class.java to "in spotLaunch { }",
            OnDemandLaunchScope::class.java to "in onDemandLaunch { }",
            SpotResizeScope::class.java to "in spotResize { }",
            OnDemandResizeScope::class.java to "in onDemandResize { }",
            CapacityReservationsScope::class.java to "in capacityReservations { }",
            AutoScalingScope::class.java to "in autoScaling(…) { }",
            ScalingRuleScope::class.java to "in rule(…) { }",
            ScalingAlarmScope::class.java to "in alarm(…) { }",
            ManagedScalingScope::class.java to "in managedScaling { }",
            SecurityGroupsScope::class.java to "in securityGroups { }",
            KerberosScope::class.java to "in kerberos { }",
            MonitoringScope::class.java to "in monitoring { }",
            CloudWatchLogsScope::class.java to "in cloudWatchLogs { }",
            OperationScope::class.java to "in the block of an operation, such as c.resize(…) { }",
            ResizeScope::class.java to "in resize(…) { }",
            ScalingChangeScope::class.java to "in changeManagedScaling(…) { }",
            StepChoiceScope::class.java to "in awaitStep(…) { } and cancelStep(…) { }",
            CancelStepScope::class.java to "in cancelStep(…) { }",
            Release.Companion::class.java to "after Release",
            InstanceType.Companion::class.java to "after InstanceType",
            ScaleDownBehavior.Companion::class.java to "after ScaleDownBehavior",
            RepoUpgradeOnBoot.Companion::class.java to "after RepoUpgradeOnBoot",
            AllocationStrategy.Companion::class.java to "after AllocationStrategy",
            TimeoutAction.Companion::class.java to "after TimeoutAction",
            ReservationPreference.Companion::class.java to "after ReservationPreference",
            ScalingUnit.Companion::class.java to "after ScalingUnit",
            ScalingStrategy.Companion::class.java to "after ScalingStrategy",
            PlacementStrategy.Companion::class.java to "after PlacementStrategy",
            Comparison.Companion::class.java to "after Comparison",
            Statistic.Companion::class.java to "after Statistic",
            Class.forName("dev.emrys.language.ValuesKt") to "anywhere in a script",
        )

    /** Word to the places where it can be used. */
    private val places: Map<String, Set<String>> =
        buildMap<String, LinkedHashSet<String>> {
            fun put(word: String, location: String) =
                getOrPut(word) { LinkedHashSet() }.add(location)
            for ((type, location) in homes) words(type).forEach { put(it, location) }
            for (failure in Failure.entries) put(failure.name, "after Failure")
            put("Local", "after target =")
            for (cause in Cause.entries) put(cause.name, "after Cause")
            for (state in ClusterState.entries) put(state.name, "after ClusterState")
            for (gap in Gap.entries) put(gap.name, "after Gap")
            for (repeat in Repeat.entries) put(repeat.name, "after Repeat")
            for (security in EmailSecurity.entries) put(security.name, "after EmailSecurity")
            for (policy in CatchUp::class.java.declaredClasses) put(
                policy.simpleName,
                "after CatchUp",
            )
            for (policy in Overlap::class.java.declaredClasses) put(
                policy.simpleName,
                "after Overlap",
            )
            for (type in
                listOf(
                    Release::class,
                    InstanceType::class,
                    Application::class,
                    Failure::class,
                    Cause::class,
                    ClusterState::class,
                    Gap::class,
                    Repeat::class,
                    CatchUp::class,
                    Overlap::class,
                    EmailSecurity::class,
                    ScaleDownBehavior::class,
                    RepoUpgradeOnBoot::class,
                    AllocationStrategy::class,
                    TimeoutAction::class,
                    ReservationPreference::class,
                    ScalingUnit::class,
                    ScalingStrategy::class,
                    PlacementStrategy::class,
                    Comparison::class,
                    Statistic::class,
                )) {
                put(checkNotNull(type.java.simpleName), "anywhere in a script")
            }
            for (word in listOf("days", "hours", "minutes", "seconds")) put(
                word,
                "after a number, such as 30.$word",
            )
        }

    private fun words(type: Class<*>): List<String> =
        type.declaredMethods
            .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic && '$' !in it.name }
            .map { it.name.substringBefore('-') }
            .map { name -> if (ACCESSOR.matches(name)) accessed(type, name.drop(3)) else name }
            .filter { it !in setOf("toString", "equals", "hashCode") }
            .distinct()
            .sorted()

    /** A property `logs` has `getLogs`; a constant `Spark` has `getSpark`. */
    private fun accessed(type: Class<*>, name: String): String =
        if (type.name.endsWith("Kt") || type.name.endsWith("Companion")) name
        else name.replaceFirstChar { it.lowercaseChar() }

    /** Where [word] can be used; null when the language does not have it. */
    fun placesOf(word: String): String? = places[word]?.joinToString(", or ")

    /**
     * The word of the language that [word] may be a misspelling of: at most two edits away, but one
     * for a word of up to six characters, where two make another word.
     */
    fun nearest(word: String): String? =
        Spelling.nearest(word, places.keys)?.takeIf {
            word.length > SHORT || Spelling.distance(word.lowercase(), it.lowercase()) <= 1
        }

    /** The word that is [word] but for its underscores and upper case letters. */
    fun inOtherCase(word: String): String? = places.keys.firstOrNull { plain(it) == plain(word) }

    /** A word without what differs between `logUri`, `LogUri` and `log_uri`. */
    fun plain(word: String): String = word.replace("_", "").lowercase()

    private const val SHORT = 6
}
