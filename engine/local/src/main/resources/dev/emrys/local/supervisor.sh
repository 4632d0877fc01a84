#!/bin/sh
# Runs one step and leaves its exit status. Started in a session of its own, so that neither a terminal's Ctrl-C nor the death of
# whoever started it reaches the step.
#   supervisor.sh FOLDER COMMAND [ARGUMENT…]
# FOLDER/claim: who runs the step: "pid start boot". Made by a link, which is atomic and fails when it is there already: so of two
#   supervisors for one step, a lost one and its replacement, exactly one runs it.
# FOLDER/exit: the exit status, moved into place whole.
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

# A caught signal is reset for the step (an ignored one would not be), and the supervisor lives on to write the status down.
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
