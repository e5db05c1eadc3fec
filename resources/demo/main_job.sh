#!/usr/bin/env bash
# The main job in the terminal, back up to restore and proof: main_job.sh BIN DIRECTORY.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/echoed.sh"
echoed_setup "$1" "$2"
printf 'Type the commands yourself after:\n  export PATH="%s:$PATH"\n' "$1"
printf '  export CAIRN_ARRAY=%s\n' "$CAIRN_ARRAY"

title "The array: its members, its regions, and what they hold"
run cairnctl array show
run cairnctl region export home "$work/before.img"
run e2fsck -fn "$work/before.img"

title "Where may home be copied now? Every region is listed, a refused one with its reasons"
run cairnctl targets home

title "Back up home; it is good once it was read back from the disk and every digest agreed"
run cairnctl backup home spare-3 --label "from ./start" --confirm spare-3 --yes
run cairnctl list
number="$(cairnctl list --json --source home | grep -o '"number": *[0-9]*' | head -n 1 |
    grep -o '[0-9]*$')"

title "Damage home: eight megabytes of noise over its beginning"
head -c 8M /dev/urandom > "$work/noise"
run cairnctl region import home "$work/noise" --confirm home
run cairnctl region export home "$work/damaged.img"
if cmp -s "$work/before.img" "$work/damaged.img"; then
    echo "home was not damaged: there is nothing to restore" >&2
    exit 1
fi
printf '%s$ e2fsck -fn damaged.img%s\n' "$bold" "$plain"
if e2fsck -fn "$work/damaged.img"; then
    echo "e2fsck finds nothing wrong with the damaged copy" >&2
    exit 1
fi

title "Restore backup $number; what it overwrites is kept, if a region is free for it"
run cairnctl restore "$number" --confirm home

title "Prove it: the backup, the filesystem, and every byte"
run cairnctl verify "$number"
run cairnctl region export home "$work/after.img"
run e2fsck -fn "$work/after.img"
run cmp "$work/before.img" "$work/after.img"
run cairnctl history

printf '\nhome is what it was before the damage: %d bytes equal, e2fsck finds nothing.\n' \
    "$(stat -c %s "$work/after.img")"
