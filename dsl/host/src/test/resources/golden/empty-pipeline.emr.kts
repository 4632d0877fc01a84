pipeline("daily") {
}
