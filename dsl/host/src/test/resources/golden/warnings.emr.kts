pipeline("hints") {
    val etl = cluster("etl") { instances { primary("m6g.xlrage") } }
    etl.step("pi") { sparkExample("SparkPi", 10) }
}
