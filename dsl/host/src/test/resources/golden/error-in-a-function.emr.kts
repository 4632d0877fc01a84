fun PipelineScope.small(name: String, type: String = "xlarge") =
    cluster(name) {
        instances { primary(type) }
    }

pipeline("daily") {
    val one = small("one")
    listOf("two").forEach { name ->
        small(name).step("a") { bash("date") }
    }
    one.step("b") { bash("date") }
}
