#!/usr/bin/env bash
# Proves both commands of the README on a bare Debian 12: debootstrap, clone, ./start, ./check.
#
# usage: tests/fresh_machine.sh [DIRECTORY]   (root; half an hour; 6 GB under DIRECTORY or /var/tmp)
# The display comes from this machine: Debian packages xvfb and xdotool.
# Packages come from the mirror that this machine uses. Nothing stays behind.
set -euo pipefail
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
for tool in Xvfb xdotool; do
    command -v "$tool" > /dev/null || { echo "fresh_machine.sh: needs $tool" >&2; exit 1; }
done
. "$top/tests/support/bare_debian.sh"

inside() { # inside USER COMMAND…: in the clone, with nothing of this machine's environment.
    local user="$1"
    shift
    chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups \
        env -i -C /src/cairn PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="/src/home-$user" \
        LC_ALL=C.UTF-8 "$@"
}

# An ordinary user with sudo, which a bare Debian does not have.
make_user() {
    chroot "$root" apt-get install -q -y --no-install-recommends sudo &&
        chroot "$root" useradd --uid 1000 --user-group --no-create-home newcomer &&
        echo 'newcomer ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/newcomer" &&
        chown -R 1000:1000 "$root/src"
}

# The desktop shows its window on a display of this machine: the new one has only what ./start
# itself installs, and what a display needs must not hide that something is missing.
shows_window() {
    local window
    inside 1000 DISPLAY="$DISPLAY" ./start &
    window="$(timeout 120 xdotool search --sync --onlyvisible --name 'Cairn$')" || return
    xdotool windowkill "${window%%$'\n'*}"
    wait || true # Whose window is killed ends with an error.
}

no_set_up() {
    if grep '^== set-up' "$work/log" | without_addresses; then
        echo "FAILED: a second run set something up again"
        exit 1
    fi
}

# Processor time in hundredths of a second: of the whole machine, and of this script's processes.
machine_ticks() { awk '/^cpu /{print $2 + $3 + $4 + $7 + $8 + $9}' /proc/stat; }
own_ticks() { awk '{print $16 + $17}' "/proc/$$/stat"; }

# Runs ./check, which may take a quarter of an hour on an idle machine with two processors.
timed_check() { # timed_check NAME COMMAND…
    local machine own began=$SECONDS took_s others
    machine="$(machine_ticks)"
    own="$(own_ticks)"
    timed "$@"
    took_s=$(( SECONDS - began ))
    (( took_s > 900 )) || return 0
    others=$(( $(machine_ticks) - machine - $(own_ticks) + own ))
    others=$(( others / (took_s * $(nproc)) )) # A percentage: of hundredths.
    if (( others < 10 )); then
        echo "FAILED: $1: $took_s s, more than 900 s, while others took $others % of the machine"
        exit 1
    fi
    echo "WARNING: $1: $took_s s, more than 900 s, but others took $others % of the machine"
}

mkdir -p "$root/src/home-0" "$root/src/home-1000"
timed "git clone" git clone -q --no-hardlinks "file://$top" "$root/src/cairn"

timed "./start --headless" inside 0 ./start --headless
timed "sudo, and an ordinary user" make_user
timed "./start --headless, again, as an ordinary user" inside 1000 ./start --headless
no_set_up
timed "./start --headless, a third time, array reused" inside 1000 ./start --headless
no_set_up
timed "./start on a display that is not there" inside 1000 DISPLAY=:4711 ./start
no_set_up
timed "./start on Wayland that is not there" inside 1000 WAYLAND_DISPLAY=wayland-0 ./start
mkdir -p "$root/tmp/.X11-unix"
bind /tmp/.X11-unix
export root work
export -f inside shows_window
timed "./start on a display" "$top/tests/ui/with_display.sh" bash -c shows_window
no_set_up
# What is missing for the tests is installed by sudo, and those that need root are run by it.
timed_check "./check, as an ordinary user with sudo" inside 1000 ./check
if find "$root/src" -user 0 | grep .; then
    echo "FAILED: an ordinary user's ./check left files of root's"
    exit 1
fi
chown -R 0:0 "$root/src"
timed_check "./check, again, as root" inside 0 ./check
no_set_up
inside 0 git status --porcelain | sed 's/^/left behind: /' | tee "$work/left"
if [[ -s "$work/left" ]]; then
    echo "FAILED: the commands left files in the tree"
    exit 1
fi
echo "a bare Debian 12 runs both commands"
