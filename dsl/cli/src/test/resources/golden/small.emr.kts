pipeline("small") {
    val c = cluster("only") { instances { primary("m6g.xlarge") } }
    c.step("hello") { bash("echo hello") }
}
