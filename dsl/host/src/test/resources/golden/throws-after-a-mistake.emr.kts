pipeline("daily") {
    val etl = cluster("etl") { logs = s3("nowhere") }
    listOf("a", "b").forEach { name ->
        check(name == "a")
        etl.step(name) { bash("date") }
    }
}
