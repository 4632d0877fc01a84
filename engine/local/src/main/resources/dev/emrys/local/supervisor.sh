#!/bin/sh
# Runs one step and writes its exit status. Started in a session of its own, so that neither a terminal's Ctrl-C nor the end of the
# owner process reaches the step.
#   supervisor.sh FOLDER COMMAND [ARGUMENT…]
# FOLDER/claim: the process that runs the step: "pid start boot". Created by a link, which is atomic and fails if the file exists: of
#   two supervisors for one step exactly one runs it.
# FOLDER/exit: the exit status, moved into place complete.
folder=$1
shift
if [ -r "/proc/$$/stat" ]; then
  start=$(cut -d ' ' -f 22 "/proc/$$/stat")
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
else
  start=$(ps -o lstart= -p $$ | tr -s ' ' '_')
  boot=$(sysctl -n kern.boottime 2>/dev/null | tr -c '0-9' '_')
fi
printf '%s %s %s\n' "$$" "$start" "${boot:--}" > "$folder/claim.$$" || exit 71
ln "$folder/claim.$$" "$folder/claim" 2>/dev/null || { rm -f "$folder/claim.$$"; exit 0; }
rm -f "$folder/claim.$$"

# A trapped signal is reset in the step, unlike an ignored one, and the supervisor survives it to write the status.
trap ':' TERM HUP INT
cd "$folder/work" || exit 71
"$@" > "$folder/stdout" 2> "$folder/stderr" < /dev/null &
child=$!
wait "$child"
code=$?
while [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
printf '%s\n' "$code" > "$folder/exit.$$" && mv -f "$folder/exit.$$" "$folder/exit"
