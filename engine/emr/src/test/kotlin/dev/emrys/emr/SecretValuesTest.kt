package dev.emrys.emr

import com.google.common.collect.ImmutableSet
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.util.Optional

class SecretValuesTest :
    FunSpec({
        test("what the pipeline's secrets are is concealed before any of them was filled in here") {
            val values = mapOf("db" to "hunter2", "longer" to "hunter2-and-more", "blank" to " ")
            val secrets =
                SecretValues(
                    { Optional.ofNullable(values[it]) },
                    ImmutableSet.of("db", "longer", "blank", "unknown"),
                )
            secrets.conceal("said hunter2, then hunter2-and-more") shouldBe
                "said \${secret:db}, then \${secret:longer}"
        }
    })
