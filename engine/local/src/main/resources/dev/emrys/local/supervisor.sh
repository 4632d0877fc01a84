#!/bin/sh
# Runs one step and writes its exit status. Started in a session of its own, so that neither a terminal's Ctrl-C nor the end of the
# owner process reaches the step.
#   supervisor.sh BOOT
# BOOT: the id of the machine's boot, or - if the owner process does not know it.
# The standard input gives one line, LAUNCH, a path relative to the working directory; FOLDER is the folder of that file. Until the line
# comes the supervisor waits: it is started before there is a step, because that takes longer than a short step. Without a line there is no
# step.
# LAUNCH: defines the function "step", which sets the step's environment and replaces its process with the step's command. It may open
#   LAUNCH.input as file descriptor 3. Both may contain secrets, so they are deleted when they are read. Read before the claim: the owner
#   process deletes the files of a step that has a claim.
# FOLDER/claim: the process that runs the step: "pid start boot". Created by a link, which is atomic and fails if the file exists: of
#   two supervisors for one step exactly one runs it. The file that it links to, FOLDER/claim.PID, stays.
# FOLDER/exit: the exit status, moved into place complete.
# Its files have mode 0600; what the step creates has the mode that the umask of the owner process gives, which is the author's.
# Each program that this script starts delays the step by a millisecond or more.
boot=$1
emrys_umask=$(umask)
umask 077

# The start is the 22nd field of /proc/PID/stat. The second field, a name in parentheses, may contain spaces.
startField() {
  start=${20}
}
if [ -r "/proc/$$/stat" ]; then
  read -r stat < "/proc/$$/stat"
  set -f
  startField ${stat##*) }
  set +f
else
  start=$(ps -o lstart= -p $$ | tr -s ' ' '_')
  [ "$boot" != - ] || boot=$(sysctl -n kern.boottime 2>/dev/null | tr -c '0-9' '_')
fi
IFS= read -r launch || exit 0
launch=$PWD/$launch
folder=${launch%/*}
exec < /dev/null > "$folder/supervisor.log" 2>&1
. "$launch" || exit 71
rm -f "$launch" "$launch.input" &
printf '%s %s %s\n' "$$" "$start" "${boot:--}" > "$folder/claim.$$" || exit 71
ln "$folder/claim.$$" "$folder/claim" 2>/dev/null || { rm -f "$folder/claim.$$"; exit 0; }

# A trapped signal is reset in the step, unlike an ignored one, and the supervisor survives it to write the status.
trap ':' TERM HUP INT
cd "$folder/work" || exit 71
{
  umask "$emrys_umask"
  step
} > "$folder/stdout" 2> "$folder/stderr" &
child=$!
exec 3<&-
wait "$child"
code=$?
while [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
# Without a status the step counts as lost and runs again: on a full or read-only disk, until it can be written. Without its folder the
# account was removed, and nothing reads the status.
until printf '%s\n' "$code" > "$folder/exit.$$" && mv -f "$folder/exit.$$" "$folder/exit"; do
  [ -d "$folder" ] || exit 71
  sleep 1
done 2> /dev/null
