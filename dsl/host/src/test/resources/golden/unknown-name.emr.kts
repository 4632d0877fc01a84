pipeline("daily") {
    val etl = cluster("etl") {
        relase = Release("emr-7.8.0")
        applications(Sprak)
        instances { primary("m6g.xlarge") }
    }
    etl.step("s") {
        bash("date")
        after(nowhere)
        retry { on(Failure.Bootstrp) }
    }
}
