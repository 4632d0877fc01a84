package dev.emrys.graph

import dev.emrys.graph.TriggerRule.ALL_DONE
import dev.emrys.graph.TriggerRule.ALL_SUCCESS
import dev.emrys.graph.TriggerRule.Decision.RUN
import dev.emrys.graph.TriggerRule.Decision.SKIP
import dev.emrys.graph.TriggerRule.Decision.WAIT
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class TriggerRuleTest :
    FunSpec({
        test("ALL_SUCCESS runs when every upstream succeeded, and skips as soon as one did not") {
            ALL_SUCCESS.decide(0, 0, 0, 0) shouldBe RUN
            ALL_SUCCESS.decide(0, 3, 0, 0) shouldBe RUN
            ALL_SUCCESS.decide(1, 3, 0, 0) shouldBe WAIT
            ALL_SUCCESS.decide(1, 3, 1, 0) shouldBe SKIP
            ALL_SUCCESS.decide(1, 3, 0, 1) shouldBe SKIP
        }

        test("ALL_DONE runs when every upstream has ended, however it ended") {
            ALL_DONE.decide(0, 1, 1, 1) shouldBe RUN
            ALL_DONE.decide(1, 1, 1, 1) shouldBe WAIT
            ALL_DONE.decide(0, 0, 0, 0) shouldBe RUN
        }
    })
