package dev.emrys.language

/** Amazon's names that this version knows: for warnings only, never for an error. */
internal object KnownWords {
    private val applications =
        listOf(
            "AmazonCloudWatchAgent",
            "Delta",
            "Flink",
            "Ganglia",
            "HBase",
            "HCatalog",
            "Hadoop",
            "Hive",
            "Hudi",
            "Hue",
            "Iceberg",
            "JupyterEnterpriseGateway",
            "JupyterHub",
            "Livy",
            "MXNet",
            "Mahout",
            "Oozie",
            "Phoenix",
            "Pig",
            "Presto",
            "Spark",
            "Sqoop",
            "TensorFlow",
            "Tez",
            "Trino",
            "Zeppelin",
            "ZooKeeper",
        )

    private val families =
        listOf(
                "c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex c8g c8gd",
                "d2 d3 d3en g3 g3s g4dn g5 g6 g6e h1 i2 i3 i3en i4g i4i i7i i7ie i8g im4gn is4gen",
                "m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8g m8gd",
                "p2 p3 p3dn p4d p4de p5 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8g r8gd",
                "x1 x1e x2gd x2idn x2iedn z1d",
            )
            .flatMap { it.split(' ') }

    private val sizes =
        listOf("medium", "large", "xlarge") +
            listOf(2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 48).map { "${it}xlarge" } +
            listOf("metal")

    /**
     * For an unknown instance type a sentence with the nearest known one, empty when there is none;
     * null when the type is known, or when it is malformed (an error of the spec).
     */
    fun nearestInstanceType(type: String): String? {
        val family = type.substringBefore('.')
        val size = type.substringAfter('.', "")
        if (size.isEmpty() || family in families && size in sizes) return null
        val nearFamily = if (family in families) family else Spelling.nearest(family, families)
        val nearSize = if (size in sizes) size else Spelling.nearest(size, sizes)
        return if (nearFamily != null && nearSize != null) didYouMean("$nearFamily.$nearSize")
        else ""
    }

    /** As [nearestInstanceType], for an application. */
    fun nearestApplication(name: String): String? =
        if (name in applications) null
        else Spelling.nearest(name, applications)?.let(::didYouMean).orEmpty()

    private fun didYouMean(name: String) = " Did you mean \"$name\"?"
}
