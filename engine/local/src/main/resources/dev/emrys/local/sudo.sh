#!/bin/sh
# The sudo of the steps and bootstrap actions of a local cluster: runs the command as the same user, never as root because of it.
shell=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -u | -g | -h | -p | -C | -r | -t | -T | -U | -D | -R | --user | --group | --host | --prompt | --chdir | --chroot) shift ;;
    -i | -s | --login | --shell) shell=y ;;
    -v | -K | -l | --validate | --remove-timestamp | --list) exit 0 ;;
    -k | --reset-timestamp) [ $# -gt 1 ] || exit 0 ;;
    # The value is a part of the word, or it follows the last one of several options.
    --* | -[ughpCrtTUDR]?*) ;;
    -*[ughpCrtTUDR])
      case $1 in *[is]*) shell=y ;; esac
      shift
      ;;
    -*) case $1 in *[is]*) shell=y ;; esac ;;
    *) break ;;
  esac
  [ $# -eq 0 ] || shift
done
while [ $# -gt 0 ]; do
  case $1 in
    [A-Za-z_]*=*) export "$1"; shift ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then
  [ -n "$shell" ] || { echo "sudo: there is no command." >&2; exit 1; }
  exec "${SHELL:-/bin/sh}"
fi
if ! command -v -- "$1" > /dev/null 2>&1; then
  echo "sudo: this machine has no program $1. A local cluster has the programs of this machine: install it here, or leave it out." >&2
  exit 127
fi
case $1 in
  pip | pip3* | python | python3* | /usr/bin/pip* | /usr/bin/python*)
    # Into the home folder, which is the cluster's own, in place of the system's folder. A virtual environment has a folder of its own, and so has --target.
    own=${VIRTUAL_ENV:-}
    for word; do
      case $word in -t | --target | --target=* | --prefix | --prefix=* | --root | --root=*) own=y ;; esac
    done
    [ -n "$own" ] || export PIP_USER=1
    export PIP_BREAK_SYSTEM_PACKAGES=1
    ;;
esac
if [ "$(id -u)" -eq 0 ]; then
  echo "sudo: $1 runs as root, as all programs of this cluster do." >&2
else
  echo "sudo: $1 runs as $(id -un) on this machine, without the rights of root." >&2
fi
if [ -n "$shell" ]; then
  exec "${SHELL:-/bin/sh}" -c '"$0" "$@"' "$@"
fi
exec "$@"
