#!/usr/bin/env bash
# Runs a test on loop devices as root: by sudo where an ordinary user runs it.
#
# usage: as_root.sh SECONDS COMMAND…   (after so long it is ended; ctest cannot end what is root's)
set -euo pipefail
limit_s="$1"
shift
# Not in memory, where ./check puts the others' arrays: sources of these are on a real filesystem.
(( EUID != 0 )) || exec env -u TMPDIR "$@"
if ! sudo -n true; then
    echo "${1##*/}: needs root, for loop devices: run it as root, or after 'sudo -v'" >&2
    exit 1
fi
# sudo keeps nothing of the environment. Of this, the tests read what begins so.
mapfile -t kept < <(env | grep -E '^(CAIRN_|QT_)[A-Z_]+=')
exec sudo -n env "${kept[@]}" timeout --kill-after=10 "$limit_s" "$@"
