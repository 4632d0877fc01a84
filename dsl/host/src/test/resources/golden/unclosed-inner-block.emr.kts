pipeline("unclosed") {
    val c = cluster("c") {
        instances {
            primary("m6g.xlarge")
            // } not this one
            core("m6g.xlarge", count = "{".length)
    }
    c.step("s") { bash("date") }
}
