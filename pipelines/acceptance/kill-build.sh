#!/usr/bin/env bash
# Kills the launcher while it builds, in a separate clone, and checks that the next start repairs the build:
#   pipelines/acceptance/kill-build.sh [KILLS]
# Every second kill leaves Maven running, as closing a terminal may.
set -euo pipefail
kills=${1:-3}
source=$(cd "$(dirname "$0")/../.." && pwd)
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone -q "$source" "$clone/emrys"
cd "$clone/emrys"
for ((i = 1; i <= kills; i++)); do
  setsid ./emrys run pipelines/pi.emr.kts > "$clone/$i.log" 2>&1 &
  pid=$!
  sleep $((3 + RANDOM % 20))
  if ((i % 2 == 0)); then kill -9 "$pid" || true; else kill -9 -- "-$pid" || true; fi
  wait "$pid" 2> /dev/null || true
  printf 'kill %s: %s\n' "$i" "$(tail -n 1 "$clone/$i.log")"
done
./emrys run pipelines/pi.emr.kts
