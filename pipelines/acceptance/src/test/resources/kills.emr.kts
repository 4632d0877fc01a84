pipeline("kills") {
    val ledger = param("ledger")
    val jar = param("jar")
    val gate = param("gate")

    val one = cluster("one") {
        applications(Spark)
        stepConcurrency = 2
        instances { primary("m5.xlarge") }
    }
    val two = cluster("two") { instances { primary("m5.xlarge") } }

    fun note(step: String) = "echo '$step $attempt' \$\$ >> '$ledger'; sleep 0.5"

    val first = one.step("first") { bash(note("first")) }
    val counted = one.step("counted") {
        sparkSubmit(jar, mainClass = "dev.emrys.acceptance.LedgerJob") { args(ledger, "counted", attempt) }
        after(first)
    }
    val beside = one.step("beside") { bash(note("beside")) }
    // Fails once, so that there is a second attempt.
    val again = two.step("again") {
        bash(note("again") + "; [ $attempt -gt 1 ]")
        retry { attempts = 2; backoff = constant(1.seconds) }
        after(beside)
    }
    val open = two.step("gate") {
        bash("echo 'gate $attempt' \$\$ >> '$ledger'; until [ -e '$gate' ]; do sleep 0.1; done")
        after(again)
    }
    one.step("last") {
        sparkSubmit(jar, mainClass = "dev.emrys.acceptance.LedgerJob") { args(ledger, "last", attempt) }
        after(counted, open)
    }
}
