-- Version 2: fencing tokens and lock holders of runs, event types under their JSON names, control requests.
ALTER TABLE runs ADD COLUMN lease_token INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN holder_pid INTEGER;
ALTER TABLE runs ADD COLUMN holder_host TEXT;
ALTER TABLE runs ADD COLUMN holder_since TEXT;
UPDATE events SET type = CASE type
  WHEN 'RunStarted' THEN 'run-started'
  WHEN 'RunResumed' THEN 'run-resumed'
  WHEN 'RunReopened' THEN 'run-reopened'
  WHEN 'CancelRequested' THEN 'cancel-requested'
  WHEN 'RunEnded' THEN 'run-ended'
  WHEN 'AttemptIntended' THEN 'attempt-intended'
  WHEN 'AttemptAccepted' THEN 'attempt-accepted'
  WHEN 'AttemptRunning' THEN 'attempt-running'
  WHEN 'AttemptSucceeded' THEN 'attempt-succeeded'
  WHEN 'AttemptFailed' THEN 'attempt-failed'
  WHEN 'AttemptCancelling' THEN 'attempt-cancelling'
  WHEN 'AttemptTimedOut' THEN 'attempt-timed-out'
  WHEN 'AttemptCancelled' THEN 'attempt-cancelled'
  WHEN 'ClusterLost' THEN 'cluster-lost'
  WHEN 'RetryPlanned' THEN 'retry-planned'
  WHEN 'RetryDue' THEN 'retry-due'
  WHEN 'TaskFailed' THEN 'task-failed'
  WHEN 'TaskSkipped' THEN 'task-skipped'
  WHEN 'TaskCancelled' THEN 'task-cancelled'
  ELSE type
END;
DROP INDEX inbox_open;
ALTER TABLE inbox RENAME TO control_requests;
ALTER TABLE control_requests RENAME COLUMN wished_by TO requested_by;
ALTER TABLE control_requests RENAME COLUMN at TO requested_at;
ALTER TABLE control_requests RENAME COLUMN granted TO acknowledged;
CREATE INDEX control_requests_open ON control_requests (run) WHERE acknowledged = 0;
