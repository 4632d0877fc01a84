package dev.emrys.testing

import com.tngtech.archunit.core.importer.ClassFileImporter
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import java.time.Clock
import java.time.Instant
import java.time.LocalDate
import java.util.IdentityHashMap
import java.util.function.Supplier
import java.util.stream.Collectors
import java.util.stream.Stream
import kotlin.reflect.KClass

private fun rules(vararg types: KClass<*>) =
    ModuleRules(ClassFileImporter().importClasses(types.map { it.java }))

private class First(val second: Second?)

private class Second(val first: First?)

private class Nested {
    class Inner(val outer: Nested)

    fun inner() = Inner(this)
}

private sealed interface Shape {
    fun all(): List<Shape> = listOf(Circle(), Square())
}

private class Circle : Shape

private class Square : Shape

private class HashMaps {
    fun map() = HashMap<String, String>()
}

private class IdentityMaps {
    fun map() = IdentityHashMap<String, String>()
}

private class SmallSets {
    fun set(): Set<String> = java.util.Set.of()
}

private class SetsOfTwo {
    fun set(): Set<String> = java.util.Set.of("a", "b")
}

private class SetCopies {
    fun set(): Set<String> = java.util.Set.copyOf(listOf("a"))
}

private class MapsOfTwo {
    fun map(): Map<String, String> = java.util.Map.of("a", "b", "c", "d")
}

private class MapsOfEntries {
    fun map(): Map<String, String> = java.util.Map.ofEntries(java.util.Map.entry("a", "b"))
}

private class SetReferences {
    fun set(): Supplier<Set<String>> = Supplier { java.util.Set.of("a") }
}

private class Collected {
    fun set(): Set<String> = Stream.of("a").collect(Collectors.toSet())
}

private class CollectedInOrder {
    fun map(): Map<String, List<String>> =
        Stream.of("a")
            .collect(
                Collectors.groupingBy(
                    { it },
                    Supplier { LinkedHashMap<String, List<String>>() },
                    Collectors.toList(),
                )
            )
}

private class IdentityHashes {
    fun hash() = System.identityHashCode(this)
}

private class ReadsInstants {
    fun now(): Instant = Instant.now()
}

private class ReadsDates {
    fun now(): LocalDate = LocalDate.now()
}

private class ReadsNanos {
    fun now() = System.nanoTime()
}

private class TakesSystemClock {
    fun clock(): Clock = Clock.systemUTC()
}

private class ReadsFiles {
    fun file() = java.io.File("a")
}

private fun shouldBeBroken(rule: () -> Unit) {
    shouldThrow<AssertionError> { rule() }.message shouldContain "was violated"
}

class ModuleRulesTest :
    FunSpec({
        test("two classes that need each other are a cycle, unless they are one concept") {
            val rules = rules(First::class, Second::class)
            shouldBeBroken { rules.classesHaveNoCycles() }
            rules.classesHaveNoCycles(setOf("First", "Second"))
        }

        test("a concept of classes that no longer exist is reported") {
            shouldThrow<IllegalStateException> {
                    rules(First::class).classesHaveNoCycles(setOf("First", "Third"))
                }
                .message shouldContain "Third"
        }

        test("a class with its nested classes, and a sealed type with its kinds, are no cycle") {
            rules(Nested::class, Nested.Inner::class).classesHaveNoCycles()
            rules(Shape::class, Circle::class, Square::class).classesHaveNoCycles()
        }

        test("two packages that need each other are a cycle") {
            shouldBeBroken {
                rules(
                        dev.emrys.testing.there.Upper::class,
                        dev.emrys.testing.there.back.Lower::class,
                    )
                    .packagesHaveNoCycles()
            }
            rules(First::class, Second::class).packagesHaveNoCycles()
        }

        listOf(
                HashMaps::class,
                IdentityMaps::class,
                SmallSets::class,
                SetsOfTwo::class,
                SetCopies::class,
                MapsOfTwo::class,
                MapsOfEntries::class,
                SetReferences::class,
                Collected::class,
                IdentityHashes::class,
            )
            .forEach { type ->
                test("no fixed order: ${type.simpleName}") {
                    shouldBeBroken { rules(type).collectionsHaveAFixedOrder() }
                }
            }

        test("a collector with a linked map has a fixed order") {
            rules(CollectedInOrder::class).collectionsHaveAFixedOrder()
        }

        listOf(
                ReadsInstants::class,
                ReadsDates::class,
                ReadsNanos::class,
                TakesSystemClock::class,
            )
            .forEach { type ->
                test("a clock of the system: ${type.simpleName}") {
                    shouldBeBroken { rules(type).timeComesThroughPorts() }
                }
            }

        test("a file is input or output") {
            shouldBeBroken { rules(ReadsFiles::class).thereIsNoInputOrOutput() }
        }

        test("a module without the expected classes is reported") {
            shouldThrow<IllegalStateException> { ModuleRules.of("dev.emrys.nothing", atLeast = 1) }
        }
    })
