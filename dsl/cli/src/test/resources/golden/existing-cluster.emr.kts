pipeline("nightly") {
    budget = 5.usd

    val prod = existingCluster("prod") { id = "j-2AXXXXXXGAPLF" }
    val shared = existingCluster("shared") {
        clusterName = "Team's cluster"
        states(ClusterState.Waiting)
        retry(3)
    }

    val load = prod.step("load") { bash("true") }
    // How many steps run at once is the cluster's own setting: no warning.
    prod.step("check") { bash("true") }
    shared.step("publish") {
        bash("true")
        after(load)
    }
}
