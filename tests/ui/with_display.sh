#!/usr/bin/env bash
# Runs a command on an X server of its own, so that a test meets a real window and nobody's screen.
set -euo pipefail
if ! command -v Xvfb >/dev/null; then
    echo "with_display: Xvfb is missing (Debian package xvfb): the real-window tests cannot run" >&2
    exit 1
fi
work=$(mktemp -d)
exec 3>"$work/display"
Xvfb -displayfd 3 -screen 0 "${CAIRN_SCREEN:-1280x720x24}" -nolisten tcp -noreset \
    >"$work/log" 2>&1 &
server=$!
stop_server() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -rf -- "$work"
}
trap stop_server EXIT
until [[ -s "$work/display" ]]; do
    if ! kill -0 "$server" 2>/dev/null; then
        echo "with_display: Xvfb did not start:" >&2
        cat "$work/log" >&2
        exit 1
    fi
    read -r -t 0.05 <> <(:) || true
done
DISPLAY=":$(<"$work/display")" QT_QPA_PLATFORM=xcb "$@"
