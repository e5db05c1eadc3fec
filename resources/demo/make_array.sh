#!/usr/bin/env bash
# Makes the simulated array that newcomers start with, once: make_array.sh BIN DIRECTORY.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/echoed.sh"
demo="$2"
# Stands in the directory before anything else does, and until the array is complete.
unfinished="$demo/demonstration-unfinished"

give_up() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Whether the array has to be made; its marker is then locked for as long as this script runs.
take_directory() {
    while true; do
        if [[ ! -e "$unfinished" ]]; then
            if [[ -f "$demo/simulation.json" ]]; then
                return 1
            fi
            [[ -z "$(ls -A -- "$demo")" ]] ||
                give_up "$demo holds something else, which stays as it is. Move it away first."
        fi
        exec 9>> "$unfinished"
        # What a kill ends lets go of the lock a moment later.
        flock -w 2 9 || give_up "The array is being made by another program now."
        # Else whoever held it has finished, and removed it.
        if [[ "$unfinished" -ef /dev/fd/9 ]]; then
            return 0
        fi
    done
}

# Only what this script itself makes is ever thrown away.
clear_half_made() {
    rm -f -- "$demo"/disk-[123].img "$demo/simulation.json"
    local left
    left="$(ls -A -- "$demo" | grep -vxF "${unfinished##*/}" || true)"
    [[ -z "$left" ]] ||
        give_up "$demo holds something else beside a half-made array: ${left//$'\n'/, }." \
            "It stays as it is. Move it away first."
}

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
    for number in 1 2 3 4 5 6; do
        seq -f "Letter $number, line %.0f: nothing new here, how are you?" $(( number * 300 )) \
            > "$1/papers/letter-$number.txt"
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

make_web() {
    run truncate -s 320M "$work/web.img"
    if ! command -v mkfs.xfs > /dev/null; then
        echo "There is no mkfs.xfs (package xfsprogs): web gets an ext4 as well."
        run mkfs.ext4 -q -L web -d "$work/web" "$work/web.img"
        return
    fi
    {
        printf '/no/boot/block\n0 0\nd--755 0 0\n'
        xfs_prototype "$work/web"
    } > "$work/web.prototype"
    run mkfs.xfs -q -L web -p "$work/web.prototype" "$work/web.img"
}

mkdir -p -- "$demo"
if ! take_directory; then
    echo "The array of an earlier run is in $demo."
    exit 0
fi
clear_half_made
echoed_setup "$1" "$demo"
command -v mkfs.ext4 > /dev/null ||
    give_up "mkfs.ext4 is missing: install the package e2fsprogs."

title "Two filesystems with files, in image files"
fill_folder "$work/home"
fill_folder "$work/web"
run truncate -s 256M "$work/home.img"
run mkfs.ext4 -q -L home -d "$work/home" "$work/home.img"
make_web

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

rm -f -- "$unfinished"
printf '\nThe array is in %s.\n' "$demo"
