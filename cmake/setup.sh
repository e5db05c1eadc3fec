# Set-up shared by ./start and ./check: Debian packages, configuration and build, done once.
# Sourced by bash, from the top of the source tree, with `set -euo pipefail`.

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Prints the packages of the groups named.
packages_of() {
    local wanted=" $* " group="" line
    while IFS= read -r line; do
        line="${line%%#*}"
        line="${line//[[:space:]]/}"
        case "$line" in
            "") ;;
            "["*"]") group="${line//[\[\]]/}" ;;
            *) if [[ "$wanted" == *" $group "* ]]; then printf '%s\n' "$line"; fi ;;
        esac
    done < cmake/packages.txt
}

# Prints those of the packages named that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        # A status of "deinstall ok config-files" has a record too, so the exit code says nothing.
        [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
            printf '%s\n' "$package"
    done
}

# Installs what is missing of the groups named; does nothing at all where nothing is.
install_packages() {
    local wanted missing
    command -v dpkg-query >/dev/null || die "this is not Debian; install the packages of \
cmake/packages.txt by other means and build with 'cmake --preset release'"
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(missing_packages "${wanted[@]}")
    (( ${#missing[@]} )) || return 0

    local as_root=()
    if (( EUID != 0 )); then
        command -v sudo >/dev/null || die "these packages are missing and installing them needs \
root or sudo: ${missing[*]}"
        as_root=(sudo)
        # Without a terminal nobody can type a password: fail at once, and say what is missing.
        [[ -t 0 ]] || sudo -n true 2>/dev/null || die "these packages are missing and sudo asks \
for a password: ${missing[*]}"
    fi
    say "set-up: installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# configure_once PRESET [CMAKE ARGUMENT…]: Ninja itself configures again when a CMake file changes.
configure_once() {
    local preset="$1"
    shift
    if [[ ! -f "build/$preset/build.ninja" ]]; then
        say "set-up: configuring build/$preset"
        cmake --preset "$preset" "$@"
    fi
}

# build_preset PRESET [TARGET…]
build_preset() {
    local preset="$1"
    shift
    ninja -C "build/$preset" -j "$(nproc)" "$@"
}
