#!/usr/bin/env bash
# Proves the Debian package: made, installed on a bare Debian 12, used, checked, removed again.
#
# usage: tests/package.sh [DIRECTORY]   (root; ten minutes; 2 GB under DIRECTORY or /var/tmp)
# Packages come from the mirror that this machine uses. Nothing stays behind but build/release.
set -euo pipefail
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$top"
. cmake/setup.sh
. "$top/tests/support/bare_debian.sh"

# What `timed` runs ends at its first failure only where it says so: it is asked for its exit code.
make_package() {
    configure_once release &&
        build_preset release cairn cairnctl cairn_compressed &&
        rm -rf build/release/package &&
        SOURCE_DATE_EPOCH="$(git log -1 --format=%ct 2>/dev/null || date +%s)" \
            cpack --config build/release/CPackConfig.cmake -B build/release/package &&
        cp build/release/package/cairn_*.deb "$root/cairn.deb"
}

inside() { # inside USER COMMAND…: with nothing of this machine's environment.
    local user="$1"
    shift
    chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups \
        env -i -C /home PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/home LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

apt_install() { inside 0 apt-get install -q -y --no-install-recommends "$@"; }

install_package() {
    inside 0 apt-get update -q && apt_install /cairn.deb
}

# Backs up, loses and restores a region, as an ordinary user on image files.
does_its_job() {
    inside 1000 bash -euo pipefail -c '
        export CAIRN_ARRAY=$'"'"'a.img\nb.img'"'"'
        cairnctl array create --member-size 128M
        cairnctl region add home --size 16M --member 1
        cairnctl region add spare --size 16M --member 2
        head -c 16M /dev/urandom > home.img
        cairnctl region import home home.img
        cairnctl backup home spare
        head -c 16M /dev/urandom | cairnctl region import home - --confirm home
        cairnctl restore 1 --no-undo --confirm home
        cairnctl region export home - | cmp - home.img
        cairnctl list'
}

completes() { # completes EXPECTED WORD…: the last word is what was typed so far.
    local expected="$1"
    shift
    inside 1000 bash -c '
        . /usr/share/bash-completion/completions/cairnctl
        expected="$1"
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(( $# - 1 ))
        _cairnctl 2>/dev/null
        printf "%s\n" "${COMPREPLY[@]}"
        [[ "${COMPREPLY[*]}" == "$expected" ]]' _ "$expected" "$@"
}

completes_commands_and_options() {
    completes "array" cairnctl ar &&
        completes "adopt add-member add-catalog" cairnctl -a disk array ad &&
        completes "--label" cairnctl -a disk backup db spare --la &&
        completes "--json" cairnctl list --js &&
        completes "home.img" cairnctl region import home ho
}

shows_window() {
    inside 1000 timeout 120 xvfb-run -a sh -c 'cairn & program=$!
        xdotool search --sync --onlyvisible --name "Cairn$" && kill "$program"'
}

# What the desktop runs for "Try the demo array": says what is missing, makes it, and makes it once.
makes_the_demo() {
    local script=/usr/share/cairn/demo/make_array.sh
    inside 0 mv /usr/sbin/mkfs.ext4 /usr/sbin/mkfs.ext4.away || return
    if inside 1000 "$script" /usr/bin /home/demo 2> "$work/complaints"; then
        echo "made without mkfs.ext4"
        return 1
    fi
    inside 0 mv /usr/sbin/mkfs.ext4.away /usr/sbin/mkfs.ext4 || return
    grep "install the package e2fsprogs" "$work/complaints" &&
        inside 1000 "$script" /usr/bin /home/demo > "$work/made" &&
        grep "web gets an ext4 as well" "$work/made" &&
        inside 1000 "$script" /usr/bin /home/demo | grep "of an earlier run" &&
        inside 1000 cairnctl -a sim:/home/demo verify --all
}

is_well_formed() {
    inside 0 lintian --fail-on error,warning --info --allow-root /cairn.deb &&
        inside 0 desktop-file-validate \
            /usr/share/applications/io.github.cairn.Cairn.desktop &&
        inside 0 appstreamcli validate --no-net \
            /usr/share/metainfo/io.github.cairn.Cairn.metainfo.xml &&
        reads_as_manual
}

reads_as_manual() {
    local page
    # Help → Manual.
    for page in desktop cairnctl; do
        inside 0 test -s "/usr/share/doc/cairn/docs/$page.md" || return
    done
    for page in cairn cairnctl; do
        inside 0 man --warnings -l "/usr/share/man/man1/$page.1.gz" > "$work/page" \
            2> "$work/complaints" || return
        cat "$work/complaints"
        [[ -s "$work/page" && ! -s "$work/complaints" ]] || return
    done
}

leaves_nothing() {
    inside 0 dpkg --listfiles cairn > "$work/files" &&
        inside 0 apt-get purge -q -y cairn || return
    local file
    while IFS= read -r file; do
        if [[ -f "$root$file" ]]; then
            echo "left behind: $file"
            return 1
        fi
    done < "$work/files"
}

timed "the package" make_package
mkdir -p "$root/home"
chown 1000:1000 "$root/home"
timed "apt-get install" install_package
timed "cairnctl does its job" does_its_job
timed "completion" completes_commands_and_options
timed "e2fsprogs" apt_install e2fsprogs
timed "the demonstration array" makes_the_demo
timed "xvfb, xdotool" apt_install xvfb xauth xdotool fonts-dejavu-core
timed "cairn shows its window" shows_window
timed "lintian, appstream, man" apt_install lintian desktop-file-utils appstream man-db
timed "lintian, desktop-file-validate, appstreamcli, man" is_well_formed
timed "apt-get purge" leaves_nothing
echo "the package installs, works and goes again"
