-- Version 4 of the journal's tables on PostgreSQL: schedules that fire when something happens. Released: never changed.
-- The day and the time that a run is for, which the run that it triggers takes over.
ALTER TABLE runs ADD COLUMN logical_date text;
ALTER TABLE runs ADD COLUMN logical_time text COLLATE "C";
ALTER TABLE runs ADD COLUMN logical_zone text;
ALTER TABLE runs ADD COLUMN interval_start text COLLATE "C";
CREATE INDEX runs_by_success ON runs (pipeline, ended_at) WHERE outcome = 'SUCCEEDED';
-- What the params of a triggered fire's run depend on.
CREATE TABLE fire_inputs (
  fire_at        text COLLATE "C" NOT NULL,
  schedule       text COLLATE "C" NOT NULL,
  cause          text COLLATE "C" NOT NULL,
  logical_date   text NOT NULL,
  logical_time   text COLLATE "C" NOT NULL,
  logical_zone   text NOT NULL,
  interval_start text COLLATE "C" NOT NULL,
  triggering_run text NOT NULL,
  PRIMARY KEY (fire_at, schedule, cause)
);
CREATE TABLE fire_arrivals (
  fire_at  text COLLATE "C" NOT NULL,
  schedule text COLLATE "C" NOT NULL,
  cause    text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  name     text NOT NULL,
  PRIMARY KEY (fire_at, schedule, cause, position)
);
-- What a schedule waits for and has seen: files and objects with their version, runs with their end.
CREATE TABLE consumed (
  schedule text COLLATE "C" NOT NULL,
  name     text COLLATE "C" NOT NULL,
  version  text NOT NULL,
  PRIMARY KEY (schedule, name)
);
-- baseline: what existed at this instant does not fire. problem: why nothing can be seen at the moment; empty for none.
CREATE TABLE trigger_states (
  schedule text COLLATE "C" PRIMARY KEY,
  baseline text COLLATE "C" NOT NULL,
  problem  text NOT NULL
);
