-- Version 3: snapshots of runs' states, in parts. A cache: what it holds follows from the events.
CREATE TABLE snapshots (
  run     TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  part    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  bytes   BLOB NOT NULL,
  PRIMARY KEY (run, seq, part)
) STRICT;
