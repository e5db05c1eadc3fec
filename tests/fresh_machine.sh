#!/usr/bin/env bash
# Proves both commands of the README on a bare Debian 12: debootstrap, clone, ./start, ./check.
#
# usage: tests/fresh_machine.sh [DIRECTORY]   (root; half an hour; 6 GB under DIRECTORY or /var/tmp)
# Packages come from the mirror that this machine uses. Nothing stays behind.
set -euo pipefail
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
. "$top/tests/support/bare_debian.sh"

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
