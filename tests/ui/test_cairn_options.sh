#!/usr/bin/env bash
# The desktop program answers --help and --version where there is no display, as in a terminal.
set -euo pipefail
bin="${CAIRN_BINARY_DIR:?}/app/cairn"
if [[ ! -x "$bin" ]]; then
    echo "skipped: this build has no desktop" >&2
    exit 77
fi
unset DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM

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
