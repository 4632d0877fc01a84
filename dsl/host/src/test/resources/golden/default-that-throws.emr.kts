pipeline("daily") {
    val day = param("day") { default { LocalDate.parse("yesterday").toString() } }
}
