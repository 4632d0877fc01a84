#!/usr/bin/env bash
# Runs a PostgreSQL server on this machine, without an installation, until Ctrl-C, and prints the URL for --journal and EMRYS_JOURNAL:
#   engine/testing/postgres.sh [FOLDER] [PORT]
#     FOLDER   its data, which is kept; default .build/postgres of the clone
#     PORT     default 5432
# Only processes of this machine can connect, all of them without a password: it is for trying things out.
set -euo pipefail
home=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -m "${1:-$home/.build/postgres}")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
(cd "$home" && mvn -B -ntp -q -pl engine/testing -am package dependency:build-classpath -Dmdep.outputFile=target/classpath \
  -Dmaven.test.skip=true -Dspotless.check.skip=true) >&2
testing=$home/engine/testing/target
exec "$java" -cp "$testing/classes:$(cat "$testing/classpath")" dev.emrys.testing.RunPostgresKt "$folder" "${2:-5432}"
