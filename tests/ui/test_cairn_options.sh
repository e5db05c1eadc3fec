#!/usr/bin/env bash
# The desktop program answers --help and --version where there is no display, and else says so.
set -euo pipefail
bin="${CAIRN_BINARY_DIR:?}/app/cairn"
if [[ ! -x "$bin" ]]; then
    echo "skipped: this build has no desktop" >&2
    exit 77
fi
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM
# A runtime folder without a Wayland socket in it.
XDG_RUNTIME_DIR="$(mktemp -d)"
export XDG_RUNTIME_DIR
trap 'rmdir "$XDG_RUNTIME_DIR"' EXIT

answers() { # answers OPTION PATTERN
    local text
    if ! text="$("$bin" "$1" 2>&1)"; then
        printf 'cairn %s failed without a display:\n%s\n' "$1" "$text" >&2
        exit 1
    fi
    if ! [[ "$text" =~ $2 ]]; then
        printf 'cairn %s does not say %s:\n%s\n' "$1" "$2" "$text" >&2
        exit 1
    fi
}
answers --help '--theme <LOOK>'
answers -h 'sim:DIRECTORY'
answers --version '^cairn [0-9]+\.[0-9]+'
answers -v '^cairn [0-9]+\.[0-9]+'

# Incident: a display that is not there ended it by abort(3), and ./start with it.
refuses() { # refuses VARIABLE…
    local text code=0
    text="$(env "$@" "$bin" 2>&1)" || code=$?
    if (( code != 3 )) || ! [[ "$text" =~ "cairn: there is no display to open a window on" ]]; then
        printf 'cairn ended with %d where there is no display (%s):\n%s\n' "$code" "$*" "$text" >&2
        exit 1
    fi
}
refuses XDG_SESSION_TYPE=tty
refuses DISPLAY=:4711
refuses DISPLAY=nowhere.invalid:0
refuses WAYLAND_DISPLAY=wayland-0 XDG_SESSION_TYPE=wayland
