-- Version 9: what the target of a run must know to continue it, as a JSON object of texts; NULL when it needs nothing.
ALTER TABLE runs ADD COLUMN target_settings TEXT;
