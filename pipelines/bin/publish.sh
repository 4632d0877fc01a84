#!/usr/bin/env bash
# Makes one CSV file, with a header, of the parts of a report.
#
#   publish.sh REPORT_DIR PUBLISH_DIR
#
# Both are folders, or s3:// addresses, which lie below $EMRYS_S3_ROOT. Writes PUBLISH_DIR/daily-report.csv, which appears whole
# or not at all, and prints how many rows it has.
set -euo pipefail

readonly HEADER='day,country,type,events,users,amount'

fail() {
  echo "publish.sh: $*" >&2
  exit 1
}

folder() {
  case "$1" in
    *://*/../* | *://*/..) fail "$1 would leave its bucket." ;;
    s3://* | s3a://* | s3n://*)
      [[ -n "${EMRYS_S3_ROOT:-}" ]] || fail "$1 is an S3 address, and EMRYS_S3_ROOT, the folder of the buckets, is not set."
      echo "$EMRYS_S3_ROOT/${1#*://}"
      ;;
    *) echo "$1" ;;
  esac
}

[[ $# -eq 2 ]] || fail "expected REPORT_DIR PUBLISH_DIR, not $# arguments."
report=$(folder "$1")
publish=$(folder "$2")
[[ -d "$report" ]] || fail "there is no report at $1. Did its step succeed?"

shopt -s nullglob
LC_ALL=C # the order of the parts
parts=("$report"/part-*.csv)
[[ ${#parts[@]} -gt 0 ]] || fail "there is no part-*.csv in $1. Did its step succeed?"

mkdir -p "$publish"
temporary=$(mktemp "$publish/.daily-report.XXXXXX")
trap 'rm -f "$temporary"' EXIT
{
  echo "$HEADER"
  cat "${parts[@]}"
} >"$temporary"
rows=$(($(wc -l <"$temporary") - 1))
chmod 644 "$temporary" # mktemp's file is for its owner alone
mv -f "$temporary" "$publish/daily-report.csv"
echo "published $rows rows to $2"
