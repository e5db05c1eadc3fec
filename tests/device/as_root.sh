#!/usr/bin/env bash
# Runs a test on loop devices as root: by sudo where an ordinary user runs it.
#
# usage: as_root.sh SECONDS COMMAND…   (after so long it is ended; ctest cannot end what is root's)
set -euo pipefail
limit_s="$1"
shift
(( EUID != 0 )) || exec "$@"
if ! sudo -n true; then
    echo "${1##*/}: needs root, for loop devices: run it as root, or after 'sudo -v'" >&2
    exit 1
fi
# sudo keeps nothing of the environment. Of this, the tests read what begins so.
mapfile -t kept < <(env | grep -E '^(CAIRN_|QT_)[A-Z_]+=')
exec sudo -n env "${kept[@]}" timeout --kill-after=10 "$limit_s" "$@"
