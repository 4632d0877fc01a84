package dev.emrys.schedule

import com.google.common.collect.ImmutableList
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private val ALL =
    listOf<Overlap>(
        Overlap.Skip(),
        Overlap.BufferOne(),
        Overlap.BufferAll(3),
        Overlap.CancelOther(),
        Overlap.TerminateOther(),
        Overlap.Allow(),
    )

private fun state(running: Int, vararg waiting: String) =
    OverlapState(running, ImmutableList.copyOf(waiting))

private fun Overlap.on(state: OverlapState<String>, run: String) =
    OverlapRules.onFire(this, state, run)

class OverlapTest :
    FunSpec({
        test("a run starts under every policy when nothing runs") {
            for (overlap in ALL) {
                overlap.on(OverlapState.idle(), "a") shouldBe
                    OverlapDecision(OverlapDecision.Start("a"), state(1))
            }
        }

        test("skip: nothing changes while another one runs") {
            Overlap.Skip().on(state(1), "b") shouldBe
                OverlapDecision(OverlapDecision.Skip("b", OverlapDecision.Reason.RUNNING), state(1))
        }

        test("buffer one: one waits, and the next is skipped") {
            Overlap.BufferOne().on(state(1), "b") shouldBe
                OverlapDecision(OverlapDecision.Buffer("b"), state(1, "b"))
            Overlap.BufferOne().on(state(1, "b"), "c") shouldBe
                OverlapDecision(
                    OverlapDecision.Skip("c", OverlapDecision.Reason.BUFFER_FULL),
                    state(1, "b"),
                )
        }

        test("buffer all: they wait in order up to the maximum") {
            Overlap.BufferAll(2).on(state(1, "b"), "c").state shouldBe state(1, "b", "c")
            Overlap.BufferAll(2).on(state(1, "b", "c"), "d") shouldBe
                OverlapDecision(
                    OverlapDecision.Skip("d", OverlapDecision.Reason.BUFFER_FULL),
                    state(1, "b", "c"),
                )
        }

        test(
            "cancel: the others end first; terminate: it starts at once; both replace what waits"
        ) {
            Overlap.CancelOther().on(state(2), "b") shouldBe
                OverlapDecision(
                    OverlapDecision.CancelOthers("b", ImmutableList.of()),
                    state(2, "b"),
                )
            Overlap.TerminateOther().on(state(1, "b"), "c") shouldBe
                OverlapDecision(
                    OverlapDecision.TerminateOthers("c", ImmutableList.of("b")),
                    state(2),
                )
        }

        test("allow: it starts beside the others") {
            Overlap.Allow().on(state(5), "b") shouldBe
                OverlapDecision(OverlapDecision.Start("b"), state(6))
        }

        test("when the last run ends the first that waits starts") {
            OverlapRules.onRunEnded(state(2, "b", "c")) shouldBe
                OverlapDecision(OverlapDecision.Nothing(), state(1, "b", "c"))
            OverlapRules.onRunEnded(state(1, "b", "c")) shouldBe
                OverlapDecision(OverlapDecision.Start("b"), state(1, "c"))
            OverlapRules.onRunEnded(state(1)) shouldBe
                OverlapDecision(OverlapDecision.Nothing<String>(), state(0))
            shouldThrow<IllegalArgumentException> { OverlapRules.onRunEnded(state(0)) }
        }

        test("after a restart what waits starts if nothing runs, and does not lose its place") {
            OverlapRules.onReady(state(0, "b", "c")) shouldBe
                OverlapDecision(OverlapDecision.Start("b"), state(1, "c"))
            Overlap.BufferAll(3)
                .on(state(0, "b"), "c")
                .action
                .shouldBeInstanceOf<OverlapDecision.Buffer<String>>()
        }

        test("consecutive failures pause a schedule, a success or a resume counts from 0") {
            val twice = FailureCounter.pauseAfter(2)
            twice.isReached shouldBe false
            twice.afterFailure().isReached shouldBe false
            twice.afterFailure().afterFailure().isReached shouldBe true
            twice.afterFailure().afterSuccess().afterFailure().isReached shouldBe false
            twice.afterFailure().afterFailure().afterResume().isReached shouldBe false
            FailureCounter.pauseAfter(0).afterFailure().isReached shouldBe false
            shouldThrow<IllegalArgumentException> { FailureCounter.pauseAfter(-1) }
        }

        test("a buffer has a maximum") {
            shouldThrow<IllegalArgumentException> { Overlap.BufferAll(0) }
            shouldThrow<IllegalArgumentException> { Overlap.BufferAll(Overlap.BufferAll.MAX + 1) }
        }
    })
