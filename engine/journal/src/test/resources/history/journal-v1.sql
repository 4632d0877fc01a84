PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO runs VALUES('run-1','calm-otter','daily-etl','daily.emr.kts','local','2026-04-25T03:00:00.123456789Z','2026-04-25T03:00:00.123456789Z','CANCELLED','{"emrysSpec": 1,"pipeline": {"name": "daily","description": "Raw to curated","params": {"day": "2026-04-25","also": ""},"clusters": [{"name": "etl","releaseLabel": "emr-7.8.0","applications": ["Spark","Hive"],"instanceGroups": [{"role": "PRIMARY","instanceType": "m6g.xlarge","count": 1,"spot": null,"place": {"file": "daily.emr.kts","line": 4,"column": 9}},{"role": "CORE","instanceType": "m6g.2xlarge","count": 2,"spot": {"maxPricePerHour": null},"place": {"file": "daily.emr.kts","line": 5,"column": 0}},{"role": "TASK","instanceType": "m6g.4xlarge","count": 8,"spot": {"maxPricePerHour": "0.12"},"place": {"file": "?","line": 0,"column": 0}}],"configurations": [{"classification": "spark-defaults","properties": {"b": "1","a": "2"},"configurations": [{"classification": "export","properties": {"JAVA_HOME": "/usr/lib/jvm/17"},"configurations": []}]}],"tags": {"Owner": "data-eng","Cost": "räw \"7\""},"logUri": "s3://logs/emr/","stepConcurrency": 16,"idleTimeout": "PT1H30M","serviceRole": "EMR_DefaultRole","jobFlowRole": "EMR_EC2_DefaultRole","subnetId": "subnet-1","keyName": "key-1","bootstrapActions": [{"name": "tools","path": "s3://bucket/tools.sh","args": ["-v","2"]}],"retry": {"attempts": 3,"backoff": {"initial": "PT30S","factor": 1.5,"max": "PT10M","jitter": 0.25},"on": ["CLUSTER_LOST","BOOTSTRAP"]},"place": {"file": "daily.emr.kts","line": 3,"column": 0}}],"steps": [{"name": "curate","cluster": "etl","kind": "SPARK","jarStep": {"jar": "command-runner.jar","mainClass": null,"args": ["spark-submit","--conf","a=${secret:token}"],"properties": {}},"after": [],"retry": {"attempts": 3,"backoff": {"initial": "PT30S","factor": 1.5,"max": "PT10M","jitter": 0.25},"on": ["CLUSTER_LOST","BOOTSTRAP"]},"timeout": "PT2H","place": {"file": "daily.emr.kts","line": 12,"column": 0}},{"name": "publish","cluster": "etl","kind": "RAW","jarStep": {"jar": "s3://bucket/p.jar","mainClass": "org.x.Main","args": ["\n"],"properties": {"p": "q"}},"after": ["curate"],"retry": {"attempts": 1,"backoff": {"initial": "PT30S","factor": 2.0,"max": "PT10M","jitter": 0.2},"on": ["STEP","TIMEOUT","CLUSTER_LOST","BOOTSTRAP","INTERNAL"]},"timeout": null,"place": {"file": "daily.emr.kts","line": 20,"column": 0}}],"place": {"file": "daily.emr.kts","line": 1,"column": 0}}}');
INSERT INTO runs VALUES('run-2','brave-newt','daily-etl','daily.emr.kts','local','2026-04-25T03:01:00.123456789Z',NULL,NULL,'{"emrysSpec": 1,"pipeline": {"name": "daily","description": "Raw to curated","params": {"day": "2026-04-25","also": ""},"clusters": [{"name": "etl","releaseLabel": "emr-7.8.0","applications": ["Spark","Hive"],"instanceGroups": [{"role": "PRIMARY","instanceType": "m6g.xlarge","count": 1,"spot": null,"place": {"file": "daily.emr.kts","line": 4,"column": 9}},{"role": "CORE","instanceType": "m6g.2xlarge","count": 2,"spot": {"maxPricePerHour": null},"place": {"file": "daily.emr.kts","line": 5,"column": 0}},{"role": "TASK","instanceType": "m6g.4xlarge","count": 8,"spot": {"maxPricePerHour": "0.12"},"place": {"file": "?","line": 0,"column": 0}}],"configurations": [{"classification": "spark-defaults","properties": {"b": "1","a": "2"},"configurations": [{"classification": "export","properties": {"JAVA_HOME": "/usr/lib/jvm/17"},"configurations": []}]}],"tags": {"Owner": "data-eng","Cost": "räw \"7\""},"logUri": "s3://logs/emr/","stepConcurrency": 16,"idleTimeout": "PT1H30M","serviceRole": "EMR_DefaultRole","jobFlowRole": "EMR_EC2_DefaultRole","subnetId": "subnet-1","keyName": "key-1","bootstrapActions": [{"name": "tools","path": "s3://bucket/tools.sh","args": ["-v","2"]}],"retry": {"attempts": 3,"backoff": {"initial": "PT30S","factor": 1.5,"max": "PT10M","jitter": 0.25},"on": ["CLUSTER_LOST","BOOTSTRAP"]},"place": {"file": "daily.emr.kts","line": 3,"column": 0}}],"steps": [{"name": "curate","cluster": "etl","kind": "SPARK","jarStep": {"jar": "command-runner.jar","mainClass": null,"args": ["spark-submit","--conf","a=${secret:token}"],"properties": {}},"after": [],"retry": {"attempts": 3,"backoff": {"initial": "PT30S","factor": 1.5,"max": "PT10M","jitter": 0.25},"on": ["CLUSTER_LOST","BOOTSTRAP"]},"timeout": "PT2H","place": {"file": "daily.emr.kts","line": 12,"column": 0}},{"name": "publish","cluster": "etl","kind": "RAW","jarStep": {"jar": "s3://bucket/p.jar","mainClass": "org.x.Main","args": ["\n"],"properties": {"p": "q"}},"after": ["curate"],"retry": {"attempts": 1,"backoff": {"initial": "PT30S","factor": 2.0,"max": "PT10M","jitter": 0.2},"on": ["STEP","TIMEOUT","CLUSTER_LOST","BOOTSTRAP","INTERNAL"]},"timeout": null,"place": {"file": "daily.emr.kts","line": 20,"column": 0}}],"place": {"file": "daily.emr.kts","line": 1,"column": 0}}}');
INSERT INTO runs VALUES('run-3','keen-wren','räw','','local','2026-04-25T03:02:00.123456789Z','2026-04-25T03:02:05.123456789Z','SUCCEEDED','{}');
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
INSERT INTO events VALUES('run-1',1,'2026-04-25T03:00:00.123456789Z','RunStarted',NULL,NULL,'{"type":"run-started","at":"2026-04-25T03:00:00.123456789Z","run":"run-1","name":"calm-otter"}');
INSERT INTO events VALUES('run-1',2,'2026-04-25T03:00:00.123456789Z','RunResumed',NULL,NULL,'{"type":"run-resumed","at":"2026-04-25T03:00:00.123456789Z","by":"ada"}');
INSERT INTO events VALUES('run-1',3,'2026-04-25T03:00:00.123456789Z','RunReopened',NULL,NULL,'{"type":"run-reopened","at":"2026-04-25T03:00:00.123456789Z","by":"ada"}');
INSERT INTO events VALUES('run-1',4,'2026-04-25T03:00:00.123456789Z','CancelRequested',NULL,NULL,'{"type":"cancel-requested","at":"2026-04-25T03:00:00.123456789Z","by":"ada"}');
INSERT INTO events VALUES('run-1',5,'2026-04-25T03:00:00.123456789Z','RunEnded',NULL,NULL,'{"type":"run-ended","at":"2026-04-25T03:00:00.123456789Z","outcome":"CANCELLED"}');
INSERT INTO events VALUES('run-1',6,'2026-04-25T03:00:00.123456789Z','AttemptIntended','curate',2,'{"type":"attempt-intended","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"key":"run-1.0a1b2c3d.2"}');
INSERT INTO events VALUES('run-1',7,'2026-04-25T03:00:00.123456789Z','AttemptAccepted','curate',2,'{"type":"attempt-accepted","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"remoteId":"s-1"}');
INSERT INTO events VALUES('run-1',8,'2026-04-25T03:00:00.123456789Z','AttemptRunning','curate',2,'{"type":"attempt-running","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',9,'2026-04-25T03:00:00.123456789Z','AttemptSucceeded','curate',2,'{"type":"attempt-succeeded","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',10,'2026-04-25T03:00:00.123456789Z','AttemptFailed','curate',2,'{"type":"attempt-failed","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"failure":"STEP","reason":"exit \"1\"\nräw","log":"s3://logs/stderr.gz"}');
INSERT INTO events VALUES('run-1',11,'2026-04-25T03:00:00.123456789Z','AttemptCancelling','curate',2,'{"type":"attempt-cancelling","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',12,'2026-04-25T03:00:00.123456789Z','AttemptTimedOut','curate',2,'{"type":"attempt-timed-out","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',13,'2026-04-25T03:00:00.123456789Z','AttemptCancelled','curate',2,'{"type":"attempt-cancelled","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"reason":"EMR says CANCELLED."}');
INSERT INTO events VALUES('run-1',14,'2026-04-25T03:00:00.123456789Z','ClusterLost','curate',2,'{"type":"cluster-lost","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"failure":"CLUSTER_LOST","reason":"The cluster ended."}');
INSERT INTO events VALUES('run-1',15,'2026-04-25T03:00:00.123456789Z','RetryPlanned','curate',2,'{"type":"retry-planned","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"due":"2026-04-25T03:00:30.123456789Z"}');
INSERT INTO events VALUES('run-1',16,'2026-04-25T03:00:00.123456789Z','RetryDue','curate',2,'{"type":"retry-due","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',17,'2026-04-25T03:00:00.123456789Z','TaskFailed','curate',2,'{"type":"task-failed","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',18,'2026-04-25T03:00:00.123456789Z','TaskSkipped','curate',2,'{"type":"task-skipped","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2,"because":"start:etl"}');
INSERT INTO events VALUES('run-1',19,'2026-04-25T03:00:00.123456789Z','TaskCancelled','curate',2,'{"type":"task-cancelled","at":"2026-04-25T03:00:00.123456789Z","task":"curate","attempt":2}');
INSERT INTO events VALUES('run-1',20,'2026-04-25T03:00:00.000000000Z','AttemptFailed','curate',1,'{"type":"attempt-failed","at":"2026-04-25T03:00:00Z","task":"curate","attempt":1,"failure":"REFUSED","reason":"no"}');
INSERT INTO events VALUES('run-2',1,'2026-04-25T03:01:00.123456789Z','RunStarted',NULL,NULL,'{"type":"run-started","at":"2026-04-25T03:01:00.123456789Z","run":"run-2","name":"brave-newt"}');
INSERT INTO events VALUES('run-2',2,'2026-04-25T03:01:01.123456789Z','AttemptIntended','start:etl',1,'{"type":"attempt-intended","at":"2026-04-25T03:01:01.123456789Z","task":"start:etl","attempt":1,"key":"run-2.0a1b2c3d.1"}');
INSERT INTO events VALUES('run-3',1,'2026-04-25T03:00:00.123456789Z','RunStarted',NULL,NULL,'{"type":"run-started","at":"2026-04-25T03:00:00.123456789Z","run":"run-3","name":"keen-wren"}');
INSERT INTO events VALUES('run-3',2,'2026-04-25T03:02:05.123456789Z','RunEnded',NULL,NULL,'{"type":"run-ended","at":"2026-04-25T03:02:05.123456789Z","outcome":"SUCCEEDED"}');
CREATE TABLE inbox (
  id      INTEGER PRIMARY KEY,
  run     TEXT NOT NULL,
  kind    TEXT NOT NULL,
  wished_by TEXT NOT NULL,
  at      TEXT NOT NULL,
  granted INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO inbox VALUES(1,'run-1','cancel','ada','2026-11-21T18:25:22.392931565Z',1);
INSERT INTO inbox VALUES(2,'run-2','cancel','bob','2026-11-21T18:25:22.428828980Z',0);
INSERT INTO inbox VALUES(3,'run-2','approve','eve','2026-11-21T18:25:22.433583293Z',0);
CREATE INDEX runs_by_start ON runs (started_at);
CREATE INDEX inbox_open ON inbox (run) WHERE granted = 0;
COMMIT;
PRAGMA user_version = 1;
