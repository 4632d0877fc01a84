fun ClusterHandle.count(table: String) = step("count") { bash("wc $table") }

pipeline("daily") {
    val etl = cluster("etl") { instances { primary("m6g.xlarge") } }
    val again = cluster("etl") { instances { primary("m6g.xlarge") } }
    etl.step("load") { bash("date") }
    again.step("load") { bash("date") }
    etl.count("a")
    etl.count("b")
}
