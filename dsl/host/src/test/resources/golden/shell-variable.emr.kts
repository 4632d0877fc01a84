pipeline("shell") {
    val c = cluster("c") { instances { primary("m6g.xlarge") } }
    c.step("home") { bash("ls $HOME") }
    c.step("all") { bash("for x in a b; do echo ${x}; done") }
    c.step("job") { bash("for job in a b; do echo $job; done") }
    c.step("near") { bash("echo $runNam") }
}
