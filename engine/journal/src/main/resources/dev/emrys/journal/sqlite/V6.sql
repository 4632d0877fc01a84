-- Version 6: schedules that fire when something happens. The day and the time that a run is for, which the run that it triggers takes over.
ALTER TABLE runs ADD COLUMN logical_date TEXT;
ALTER TABLE runs ADD COLUMN logical_time TEXT;
ALTER TABLE runs ADD COLUMN logical_zone TEXT;
ALTER TABLE runs ADD COLUMN interval_start TEXT;
CREATE INDEX runs_by_success ON runs (pipeline, ended_at) WHERE outcome = 'SUCCEEDED';
-- What the params of a triggered fire's run depend on.
CREATE TABLE fire_inputs (
  fire_at        TEXT NOT NULL,
  schedule       TEXT NOT NULL,
  cause          TEXT NOT NULL,
  logical_date   TEXT NOT NULL,
  logical_time   TEXT NOT NULL,
  logical_zone   TEXT NOT NULL,
  interval_start TEXT NOT NULL,
  triggering_run TEXT NOT NULL,
  PRIMARY KEY (fire_at, schedule, cause)
) STRICT, WITHOUT ROWID;
CREATE TABLE fire_arrivals (
  fire_at  TEXT NOT NULL,
  schedule TEXT NOT NULL,
  cause    TEXT NOT NULL,
  position INTEGER NOT NULL,
  name     TEXT NOT NULL,
  PRIMARY KEY (fire_at, schedule, cause, position)
) STRICT, WITHOUT ROWID;
-- What a schedule waits for and has seen: files and objects with their version, runs with their end.
CREATE TABLE consumed (
  schedule TEXT NOT NULL,
  name     TEXT NOT NULL,
  version  TEXT NOT NULL,
  PRIMARY KEY (schedule, name)
) STRICT, WITHOUT ROWID;
-- baseline: what existed at this instant does not fire. problem: why nothing can be seen at the moment; empty for none.
CREATE TABLE trigger_states (
  schedule TEXT PRIMARY KEY,
  baseline TEXT NOT NULL,
  problem  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
