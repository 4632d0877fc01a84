-- Version 6 of the journal's tables on PostgreSQL: what the target of a run must know to continue it, as a JSON object of texts; NULL when it
-- needs nothing. Released: never changed.
ALTER TABLE runs ADD COLUMN target_settings TEXT;
