#!/usr/bin/env bash
# Makes docs/screenshots/ from the real window on a fresh demonstration array.
#
# usage: docs/make_screenshots.sh [BIN [OUT]]   (build/release/app and docs/screenshots)
# Needs the packages of cmake/packages.txt's group "screenshots", which nothing else needs or installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin="${1:-build/release/app}"
out="${2:-docs/screenshots}"
. cmake/setup.sh
mapfile -t needed < <(packages_of screenshots)
mapfile -t missing < <(missing_packages "${needed[@]}")
(( ${#missing[@]} == 0 )) ||
    die "these Debian packages are missing: apt-get install --no-install-recommends ${missing[*]}"
[[ -x "$bin/cairn" ]] || die "there is no $bin/cairn: run ./start once, or name the folder it is in"
bin="$(realpath "$bin")"
mkdir -p "$out"
out="$(realpath "$out")"

if [[ -z "${CAIRN_SHOT_WORK-}" ]]; then
    work="$(mktemp -d)"
    trap 'rm -rf -- "$work"' EXIT
    resources/demo/make_array.sh "$bin" "$work/demo" >"$work/log" || { cat "$work/log" >&2; exit 1; }
    CAIRN_SHOT_WORK="$work" CAIRN_SCREEN=1340x790x24 tests/ui/with_display.sh "$0" "$bin" "$out"
    exit
fi

work="$CAIRN_SHOT_WORK"
export XDG_CONFIG_HOME="$work/config" XDG_RUNTIME_DIR="$work"
chmod 700 "$work"

# Waits until a window whose title matches is shown and has the keyboard.
window_of() {
    local window="" deadline=$(( SECONDS + 60 ))
    until window="$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -1)" &&
        [[ -n "$window" && "$(xdotool getwindowfocus 2>/dev/null || true)" == "$window" ]]; do
        if (( SECONDS > deadline )); then
            echo "make_screenshots: no window $1" >&2
            exit 1
        fi
        [[ -z "$window" ]] || xdotool windowfocus "$window" 2>/dev/null || true
    done
}
# What is shown is there once nothing has changed for two seconds: some of it, as the counts of the
# filters, is brought up to date only now and then.
grab() {
    local before="" now="" since=$EPOCHREALTIME
    until [[ "$now" == "$before" ]] && (( ${EPOCHREALTIME/./} - ${since/./} > 2000000 )); do
        [[ "$now" == "$before" ]] || { before="$now"; since=$EPOCHREALTIME; }
        import -silent -window root "$work/grab.png"
        now="$(cksum <"$work/grab.png")"
    done
    cp "$work/grab.png" "$out/$1.png"
    echo "$out/$1.png"
}
start() {
    "$bin/cairn" --theme "$1" "${@:2}" &
    program=$!
}
stop() {
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
}

# Frames and titles around the windows.
openbox &
manager=$!
trap 'kill "$manager" 2>/dev/null || true' EXIT
# A window that is mapped before the manager is there may stay hidden.
deadline=$(( SECONDS + 30 ))
until xdotool get_desktop >/dev/null 2>&1 || (( SECONDS > deadline )); do :; done

start light
window_of '^Cairn$'
grab welcome
stop
for look in light dark; do
    suffix="$([[ $look == light ]] || echo -dark)"
    start "$look" "sim:$work/demo"
    window_of 'demo — Cairn'
    # The map has the focus: the first arrow selects the catalog, the second what lies behind it.
    xdotool key Right Right
    grab "main$suffix"
    xdotool key ctrl+b
    window_of '^Back up '
    xdotool key Down
    grab "backup$suffix"
    xdotool key Escape
    window_of 'demo — Cairn'
    xdotool key alt+2
    xdotool key ctrl+r
    window_of '^Restore '
    grab "restore$suffix"
    xdotool key Escape
    window_of 'demo — Cairn'
    stop
done
