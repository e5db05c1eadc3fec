#!/usr/bin/env bash
# Proves both commands of the README on a bare Debian 12: debootstrap, clone, ./start, ./check.
#
# usage: tests/fresh_machine.sh [DIRECTORY]   (root; half an hour; 6 GB under DIRECTORY or /var/tmp)
# Packages come from the mirror that this machine uses. Nothing stays behind.
set -euo pipefail
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
(( EUID == 0 )) || { echo "fresh_machine.sh: needs root, for debootstrap and mounts" >&2; exit 1; }
command -v debootstrap > /dev/null ||
    { echo "fresh_machine.sh: needs the Debian package debootstrap" >&2; exit 1; }

work="$(mktemp -d -p "${1:-/var/tmp}" cairn-fresh.XXXXXX)"
root="$work/root"
mounts=()

clean_up() {
    local at
    for (( at = ${#mounts[@]} - 1; at >= 0; --at )); do
        umount "${mounts[at]}" || umount -l "${mounts[at]}" || true
    done
    # Never delete through a mount that would not go: the machine's own /dev may be behind it.
    if grep -qF " $work/" /proc/self/mountinfo; then
        echo "fresh_machine.sh: $work still has mounts, and is left alone" >&2
    else
        rm -rf --one-file-system -- "$work"
    fi
}
trap clean_up EXIT

bind() {
    mount --bind "$1" "$root$1"
    mounts+=("$root$1")
}

# Where packages come from is this machine's business: addresses are cut out of what is printed.
without_addresses() { sed -uE 's#(https?|ftp)://[^ ]*#(mirror)#g'; }

mirror() {
    { grep -rhoE '^(URIs:|deb( \[[^]]*\])?) +[a-z+]+://[^ ]+' /etc/apt/sources.list \
        /etc/apt/sources.list.d --include='*.list' --include='*.sources' 2>/dev/null || true; } |
        grep -oE '[a-z+]+://[^ ]+' | grep -v security | head -n 1
}

timed() { # timed NAME COMMAND…: its output goes to a log that is shown where it fails.
    local name="$1" began=$SECONDS code=0
    shift
    "$@" > "$work/log" 2>&1 < /dev/null || code=$?
    if (( code != 0 )); then
        tail -n 200 "$work/log" | without_addresses
        echo "FAILED: $name (exit code $code, after $(( SECONDS - began )) s)"
        exit 1
    fi
    printf '%-52s %5d s' "$name" $(( SECONDS - began ))
    { grep -E '^[0-9]+ passed, [0-9]+ failed$' "$work/log" || true; } | tail -n 1 | sed 's/^/   /' |
        tr -d '\n'
    echo
}

inside() { # inside USER COMMAND…: in the clone, with nothing of this machine's environment.
    local user="$1"
    shift
    chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups \
        env -i -C /src/cairn PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="/src/home-$user" \
        LC_ALL=C.UTF-8 "$@"
}

# The desktop shows its window, on a display that has no window manager.
shows_window() {
    inside 0 timeout 120 xvfb-run -a sh -c './start & program=$!
        xdotool search --sync --onlyvisible --name "Cairn$" && kill "$program"'
}

no_set_up() {
    if grep '^== set-up' "$work/log" | without_addresses; then
        echo "FAILED: a second run set something up again"
        exit 1
    fi
}

make_machine() {
    local proxy=""
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    if [[ -n "$proxy" ]]; then
        export http_proxy="$proxy"
    fi
    debootstrap --variant=minbase bookworm "$root" "$(mirror)"
}

copy_package_settings() {
    local file
    rm -f "$root/etc/apt/sources.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources; do
        if [[ -f "$file" ]]; then
            cp "$file" "$root$file"
        fi
    done
    for file in /etc/apt/apt.conf.d/*; do
        if grep -qi 'proxy' "$file"; then
            cp "$file" "$root$file"
        fi
    done
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
}

timed "debootstrap bookworm (minbase)" make_machine
copy_package_settings
for folder in /dev /dev/pts /proc /sys; do
    bind "$folder"
done
mkdir -p "$root/src/home-0" "$root/src/home-1000"
timed "git clone" git clone -q --no-hardlinks "file://$top" "$root/src/cairn"

timed "./start --headless" inside 0 ./start --headless
# The second run is an ordinary user's, who finds all packages installed.
chown -R 1000:1000 "$root/src"
timed "./start --headless, again, as an ordinary user" inside 1000 ./start --headless
no_set_up
timed "./start --headless, a third time, array reused" inside 1000 ./start --headless
no_set_up
chown -R 0:0 "$root/src"
timed "./check" inside 0 ./check
timed "./check, again" inside 0 ./check
no_set_up
timed "./start on a display" shows_window
no_set_up
inside 0 git status --porcelain | sed 's/^/left behind: /' | tee "$work/left"
if [[ -s "$work/left" ]]; then
    echo "FAILED: the commands left files in the tree"
    exit 1
fi
echo "a bare Debian 12 runs both commands"
