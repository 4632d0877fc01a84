// An author who has only just begun.
val day = "2026-04-25"
