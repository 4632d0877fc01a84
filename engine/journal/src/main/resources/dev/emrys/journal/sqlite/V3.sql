-- Version 3: snapshots of runs' states, in parts: a cache, which follows from the events. Specs in a table of their own: a change of a row
-- writes all of it, and a spec may have many megabytes.
CREATE TABLE snapshots (
  run     TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  part    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  bytes   BLOB NOT NULL,
  PRIMARY KEY (run, seq, part)
) STRICT;
CREATE TABLE specs (
  run  TEXT PRIMARY KEY REFERENCES runs (id),
  spec TEXT NOT NULL
) STRICT;
INSERT INTO specs (run, spec) SELECT id, spec FROM runs;
ALTER TABLE runs DROP COLUMN spec;
