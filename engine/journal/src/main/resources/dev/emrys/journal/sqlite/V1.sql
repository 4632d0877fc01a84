-- Version 1 of the journal's tables on SQLite. Released: never changed. Statements end with a semicolon at the end of a line.
CREATE TABLE runs (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  pipeline   TEXT NOT NULL,
  script     TEXT NOT NULL,
  target     TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at   TEXT,
  outcome    TEXT,
  spec       TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at);
CREATE TABLE events (
  run     TEXT NOT NULL REFERENCES runs (id),
  seq     INTEGER NOT NULL,
  at      TEXT NOT NULL,
  type    TEXT NOT NULL,
  task    TEXT,
  attempt INTEGER,
  json    TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
  id      INTEGER PRIMARY KEY,
  run     TEXT NOT NULL,
  kind    TEXT NOT NULL,
  wished_by TEXT NOT NULL,
  at      TEXT NOT NULL,
  granted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_open ON inbox (run) WHERE granted = 0;
