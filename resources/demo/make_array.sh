#!/usr/bin/env bash
# Makes the simulated array that newcomers start with: make_array.sh BIN DIRECTORY.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
top="$(cd "$here/../.." && pwd)"
. "$here/echoed.sh"
bin="$1"
demo="$2"
echoed_setup "$bin" "$demo"
mkdir -p -- "$(dirname "$demo")"
# Stands until the array is complete: ./start throws what an interrupted run left away.
touch -- "$demo.unfinished"
mkdir -- "$demo"

# Disks of an honest speed, so that a copy can be watched.
describe_disks() {
    local number comma=","
    printf '{\n  "version": 1,\n  "seed": 1,\n  "members": [\n'
    for number in 1 2 3; do
        (( number < 3 )) || comma=""
        printf '    {"file": "disk-%d.img", "sizeBytes": %d, "faults": %s}%s\n' "$number" \
            $(( 2 << 30 )) '{"bandwidthBytesPerSecond": 300000000}' "$comma"
    done
    printf '  ]\n}\n'
}

# A folder as somebody might have it: papers, and pictures that do not compress.
fill_folder() {
    local number
    mkdir -p "$1/papers" "$1/pictures"
    cp "$top/LICENSE" "$top/README.md" "$1/papers/"
    cp "$top"/docs/*.md "$1/papers/"
    for number in 1 2 3 4 5 6; do
        head -c "$(( number * 1234567 ))" /dev/urandom > "$1/pictures/$number.raw"
    done
}

# The folder as a prototype that mkfs.xfs -p reads; names without spaces only.
xfs_prototype() {
    local folder="$1" entry
    for entry in "$folder"/*; do
        if [[ -d "$entry" ]]; then
            printf '%s d--755 0 0\n' "${entry##*/}"
            xfs_prototype "$entry"
        else
            printf '%s ---644 0 0 %s\n' "${entry##*/}" "$entry"
        fi
    done
    printf '$\n'
}

title "Two filesystems with files, in image files"
fill_folder "$work/home"
fill_folder "$work/web"
{ printf '/no/boot/block\n0 0\nd--755 0 0\n'; xfs_prototype "$work/web"; } > "$work/web.prototype"
run truncate -s 256M "$work/home.img"
run mkfs.ext4 -q -L home -d "$work/home" "$work/home.img"
run truncate -s 320M "$work/web.img"
run mkfs.xfs -q -L web -p "$work/web.prototype" "$work/web.img"

title "A simulated array of three members, with the catalog on each"
printf '%s$ export CAIRN_ARRAY=%s%s\n' "$bold" "$CAIRN_ARRAY" "$plain"
describe_disks > "$demo/simulation.json"
run cairnctl array create --label demo

title "Regions: two with data, four to back up into"
run cairnctl region add home --size 256M --member 1
run cairnctl region add web --size 320M --member 1
run cairnctl region add spare-1 --size 320M --member 2
run cairnctl region add spare-2 --size 512M --member 3
run cairnctl region add spare-3 --size 256M --member 2
run cairnctl region add too-small --size 64M --member 3
run cairnctl region import home "$work/home.img"
run cairnctl region import web "$work/web.img"

title "Backups of Monday, then some work"
run cairnctl backup home spare-1 --label Monday
run cairnctl backup web spare-2 --label Monday --note "before the new design"
printf 'Written on Tuesday.\n' > "$work/home/papers/tuesday.txt"
run mkfs.ext4 -q -F -L home -d "$work/home" "$work/home.img"
run cairnctl region import home "$work/home.img" --confirm home
run cairnctl list

rm -f -- "$demo.unfinished"
printf '\nThe array is in %s.\n' "$demo"
