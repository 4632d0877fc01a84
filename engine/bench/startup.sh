#!/usr/bin/env bash
# Measures whole processes, from the launcher's start to its end:
#   engine/bench/startup.sh [--raw] [ROUNDS]  default 15
# --raw prints each measurement instead of the table: case, limit, seconds and CPU seconds, separated by tabs.
# Each round runs every case once, in turn with `java -version`, so that a busy machine slows all of them alike. CPU is user + system
# time of the process and of the children that it waited for; the emulator's owner process is not among them.
#   EMRYS_JAVA_HOME   the JDK to measure, as the launcher reads it
set -euo pipefail
raw=
if [ "${1:-}" = --raw ]; then
  raw=yes
  shift
fi
rounds=${1:-15}
emrys=$(cd "$(dirname "$0")/../.." && pwd)/emrys
work=$(mktemp -d)
# The owner process ends when its folder is gone, and may write there until then.
trap 'rm -rf "$work" 2> /dev/null || { sleep 1; rm -rf "$work"; }' EXIT
export EMRYS_CACHE=$work/cache EMRYS_STATE=$work/state LC_ALL=C.UTF-8
java=${EMRYS_JAVA_HOME:-${JAVA_HOME:-}}
java=${java:+$java/bin/}java

write_script() { # file, a text that makes it different from other scripts
  cat > "$1" << EOF
// $2
pipeline("start-up") {
    val c = cluster("c") { instances { primary("m6g.xlarge") } }
    c.step("one") { bash("true") }
}
EOF
}
write_script "$work/cached.emr.kts" cached
write_script "$work/changed.emr.kts" changed

measure() { # case, limit in seconds or -, command
  local name=$1 limit=$2 TIMEFORMAT='%R %U %S'
  shift 2
  { time "$@" > "$work/out" 2> "$work/err" || { cat "$work/out" "$work/err" >&2; exit 1; }; } 2> "$work/time"
  awk -v name="$name" -v limit="$limit" '{ printf "%s\t%s\t%.3f\t%.3f\n", name, limit, $1, $2 + $3 }' "$work/time" >> "$work/times"
}

# The build, its archive, the compiled script and the owner process are ready before the first measurement.
"$emrys" run "$work/cached.emr.kts" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }

for ((round = 1; round <= rounds; round++)); do
  [ ! -t 2 ] || printf '\rround %s of %s' "$round" "$rounds" >&2
  write_script "$work/changed.emr.kts" "changed $round"
  measure 'java -version' - "$java" -version
  measure 'emrys --version' 0.2 "$emrys" --version
  measure 'emrys plan, cached' 0.3 "$emrys" plan "$work/cached.emr.kts"
  measure 'emrys plan, changed' 1.7 "$emrys" plan "$work/changed.emr.kts"
  measure 'emrys run, warm, no-op' 1.0 "$emrys" run "$work/cached.emr.kts"
done
[ ! -t 2 ] || printf '\r\033[2K' >&2

if [ -n "$raw" ]; then
  cat "$work/times"
  exit
fi

# Seconds. The limits are meant for an idle machine.
printf '%s, load %s, %s rounds\n' "$("$java" -version 2>&1 | sed -n 2p)" "$(cut -d ' ' -f 1-3 /proc/loadavg 2> /dev/null)" "$rounds"
printf '%-24s %7s %7s %15s %10s %17s\n' seconds limit median 'min – max' 'CPU median' 'CPU min – max'
while IFS=$'\t' read -r name limit; do
  awk -F '\t' -v name="$name" '$1 == name { print $3 }' "$work/times" | sort -n > "$work/wall"
  awk -F '\t' -v name="$name" '$1 == name { print $4 }' "$work/times" | sort -n > "$work/cpu"
  middle=$(((rounds + 1) / 2))
  printf '%-24s %7s %7s %15s %10s %17s\n' "$name" "$limit" "$(sed -n "${middle}p" "$work/wall")" \
    "$(head -n 1 "$work/wall") – $(tail -n 1 "$work/wall")" "$(sed -n "${middle}p" "$work/cpu")" \
    "$(head -n 1 "$work/cpu") – $(tail -n 1 "$work/cpu")"
done < <(cut -f 1,2 "$work/times" | awk '!seen[$0]++')
