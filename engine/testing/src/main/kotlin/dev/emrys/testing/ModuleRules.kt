package dev.emrys.testing

import com.tngtech.archunit.base.DescribedPredicate
import com.tngtech.archunit.core.domain.JavaAccess
import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import com.tngtech.archunit.library.dependencies.SliceAssignment
import com.tngtech.archunit.library.dependencies.SliceIdentifier
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices

/** The rules that several modules keep. A rule that is broken throws an [AssertionError]. */
public class ModuleRules(public val classes: JavaClasses) {
    /** No two packages depend on each other, not even through others. */
    public fun packagesHaveNoCycles() {
        slices().assignedFrom(Packages).should().beFreeOfCycles().check(classes)
    }

    /**
     * No two classes depend on each other, not even through others. A class counts with its nested
     * classes, and a sealed type with the types that it permits.
     *
     * @param together classes by their simple names that are one concept and may refer to each
     *   other; each says why
     */
    public fun classesHaveNoCycles(vararg together: Set<String>) {
        val names = classes.map { topLevel(it).simpleName }.toSet()
        val gone = together.flatMap { it }.filterNot { it in names }
        check(gone.isEmpty()) { "There are no such classes: $gone" }
        slices().assignedFrom(Concepts(together.toList())).should().beFreeOfCycles().check(classes)
    }

    /**
     * No collection has an order that changes from JVM to JVM or with identity hashes: Guava's
     * immutable collections and the JDK's linked and sorted ones are in a fixed order.
     */
    public fun collectionsHaveAFixedOrder() {
        noClasses()
            .should()
            .dependOnClassesThat(named(UNORDERED))
            .orShould()
            .accessTargetWhere(
                accesses("a method of Set or Map that makes one", UNORDERED_FACTORIES)
            )
            .orShould()
            .accessTargetWhere(unorderedCollector)
            .orShould()
            .accessTargetWhere(accesses("an identity hash", setOf(System::class.java to IDENTITY)))
            .check(classes)
    }

    /** No class reads a clock of the system. */
    public fun timeComesThroughPorts() {
        noClasses()
            .should()
            .accessTargetWhere(accesses("a clock of the system", CLOCKS))
            .check(classes)
    }

    /**
     * No class touches files, the network, a database, a log or the AWS SDK. A JSON library
     * declares an IOException also for a text in memory.
     */
    public fun thereIsNoInputOrOutput() {
        noClasses()
            .should()
            .dependOnClassesThat(
                DescribedPredicate.describe<JavaClass>("do input or output") {
                    it.packageName == "java.io" && it.simpleName !in IN_MEMORY
                }
            )
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.nio.file..",
                "java.nio.channels..",
                "java.net..",
                "java.sql..",
                "java.util.logging..",
                "org.slf4j..",
                "software.amazon.awssdk..",
            )
            .check(classes)
    }

    public companion object {
        /**
         * The main classes of a module.
         *
         * @param roots the module's packages; those below them belong to it
         * @param atLeast how many classes there must be, since a rule about no classes always holds
         */
        public fun of(vararg roots: String, atLeast: Int): ModuleRules {
            val found =
                ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(*roots)
            check(found.size >= atLeast) {
                "${roots.toList()} have ${found.size} classes, not $atLeast"
            }
            return ModuleRules(found)
        }
    }
}

private object Packages : SliceAssignment {
    override fun getIdentifierOf(javaClass: JavaClass): SliceIdentifier =
        SliceIdentifier.of(javaClass.packageName)

    override fun getDescription() = "packages"
}

private class Concepts(private val together: List<Set<String>>) : SliceAssignment {
    override fun getIdentifierOf(javaClass: JavaClass): SliceIdentifier {
        val root = sealedRoot(topLevel(javaClass))
        val concept = together.firstOrNull { root.simpleName in it }
        return SliceIdentifier.of(concept?.joinToString(" and ") ?: root.name)
    }

    override fun getDescription() = "classes"

    private fun sealedRoot(type: JavaClass): JavaClass {
        val above = type.rawInterfaces + listOfNotNull(type.rawSuperclass.orElse(null))
        val sealed = above.firstOrNull { it.reflect().isSealed } ?: return type
        return sealedRoot(topLevel(sealed))
    }
}

private fun topLevel(type: JavaClass): JavaClass {
    var outer = type.baseComponentType
    while (outer.enclosingClass.isPresent) outer = outer.enclosingClass.get()
    return outer
}

private val IN_MEMORY = setOf("IOException", "UncheckedIOException", "StringWriter")

private val UNORDERED =
    setOf(
        "java.util.HashMap",
        "java.util.HashSet",
        "java.util.Hashtable",
        "java.util.IdentityHashMap",
        "java.util.WeakHashMap",
        "java.util.concurrent.ConcurrentHashMap",
        "java.util.concurrent.ConcurrentHashMap\$KeySetView",
    )

private val UNORDERED_FACTORIES =
    listOf(Set::class.java, Map::class.java)
        .flatMap { type -> listOf("of", "copyOf", "ofEntries").map { type to it } }
        .toSet()

private const val IDENTITY = "identityHashCode"

private val CLOCKS =
    listOf("Instant", "LocalDate", "LocalDateTime", "LocalTime", "OffsetDateTime", "ZonedDateTime")
        .map { Class.forName("java.time.$it") to "now" }
        .plus(listOf("currentTimeMillis", "nanoTime").map { System::class.java to it })
        .plus(java.time.Clock::class.java to "systemUTC")
        .plus(java.time.Clock::class.java to "systemDefaultZone")
        .plus(java.time.Clock::class.java to "system")
        .plus(java.time.InstantSource::class.java to "system")
        .toSet()

private fun named(names: Set<String>) =
    DescribedPredicate.describe<JavaClass>("are one of $names") { it.name in names }

private fun accesses(what: String, members: Set<Pair<Class<*>, String>>) =
    DescribedPredicate.describe<JavaAccess<*>>(what) { access ->
        members.any { (owner, name) ->
            access.targetOwner.name == owner.name && access.target.name == name
        }
    }

/** The collectors that choose a HashMap or HashSet themselves; others are given a supplier. */
private val unorderedCollector =
    DescribedPredicate.describe<JavaAccess<*>>("a collector without an order") { access ->
        access.targetOwner.name == "java.util.stream.Collectors" &&
            access.target.name in
                setOf(
                    "toSet",
                    "toMap",
                    "groupingBy",
                    "toUnmodifiableSet",
                    "toUnmodifiableMap",
                    "toConcurrentMap",
                    "groupingByConcurrent",
                ) &&
            "java.util.function.Supplier" !in
                (access.target as com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget)
                    .rawParameterTypes
                    .map { it.name }
    }
