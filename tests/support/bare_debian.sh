# A bare Debian 12 in a folder that goes away again: for scripts that prove what a newcomer meets.
# Sourced by bash as root, with `set -euo pipefail` and a DIRECTORY in $1 or none: makes $root.

(( EUID == 0 )) || { echo "${0##*/}: needs root, for debootstrap and mounts" >&2; exit 1; }
command -v debootstrap > /dev/null ||
    { echo "${0##*/}: needs the Debian package debootstrap" >&2; exit 1; }

work="$(mktemp -d -p "${1:-/var/tmp}" cairn-bare.XXXXXX)"
root="$work/root"
mounts=()

clean_up() {
    local at
    for (( at = ${#mounts[@]} - 1; at >= 0; --at )); do
        umount "${mounts[at]}" || umount -l "${mounts[at]}" || true
    done
    # Never delete through a mount that would not go: the machine's own /dev may be behind it.
    if grep -qF " $work/" /proc/self/mountinfo; then
        echo "${0##*/}: $work still has mounts, and is left alone" >&2
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
for folder in /dev /dev/pts /dev/shm /proc /sys; do
    bind "$folder"
done
