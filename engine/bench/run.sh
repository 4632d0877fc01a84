#!/usr/bin/env bash
# Measures the engine, whole processes, in turn with other products, and prints one table:
#   engine/bench/run.sh [--rounds N] [--only REGEX] [--markdown]
#     --rounds N      default 3; each round measures every case once
#     --only REGEX    only cases whose name contains a match: wide db-scheduler chain dbos compile resume resume-small-heap
#                     resume-snapshot plan local-chain start-up nextflow
#                     wire spark-small spark-row spark-100m; spark-1g is measured only with --only
#     --markdown      prints the table as Markdown
# A round takes some minutes. The first use builds the module (profile "bench") and downloads the other products, about
# 100 MB, through Maven. Each row has the median, the spread, the CPU time of the measured process, and beside it what a durable write
# cost in the same minute: an fdatasync of 4 KiB and a commit of SQLite. "load" is the load average before: measure on an idle machine.
#   JAVA_HOME, EMRYS_JAVA_HOME   the JDK, as the launcher reads it
#   MAVEN_OPTS                   options for Maven
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
java=${EMRYS_JAVA_HOME:-${JAVA_HOME:-}}
java=${java:+$java/bin/}java
# Builds the command line where that is needed, so that no measurement does.
"$home/emrys" --version > /dev/null
(cd "$home" && mvn -B -ntp -q -Pbench -pl engine/bench,engine/bench/peers,engine/bench/nextflow -am package \
  -Dmaven.test.skip=true -Dspotless.check.skip=true) >&2
bench=$home/engine/bench/target
# A jar: a class-data archive has no classes of a folder.
exec "$java" -cp "$(echo "$bench"/emrys-bench-*.jar):$(cat "$bench/classpath")" dev.emrys.bench.Benchmarks "$home" "$@"
