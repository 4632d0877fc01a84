pipeline("one") {
    cluster("etl") { instances { primary("m6g.xlarge") } }.step("s") { bash("date") }
}
pipeline("two") {
    cluster("etl") { instances { primary("m6g.xlarge") } }.step("s") { bash("date") }
}
