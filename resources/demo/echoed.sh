# Shared by the demonstration's scripts: every command is shown before it runs, to be learnt.

# Sets the commands up: echoed_setup BIN DEMO
echoed_setup() {
    export PATH="$1:$PATH:/usr/sbin:/sbin"
    export CAIRN_ARRAY="sim:$2"
    bold="" plain=""
    if [[ -t 1 ]]; then
        bold=$'\e[1m' plain=$'\e[0m'
    fi
    work="$(mktemp -d)"
    trap 'rm -rf -- "$work"' EXIT
}

step_number=0
title() {
    step_number=$(( step_number + 1 ))
    printf '\n%s%d. %s%s\n' "$bold" "$step_number" "$*" "$plain"
}

# Shows a command and runs it; its failure ends the script, with its name.
run() {
    local word shown="" code=0
    for word in "$@"; do
        [[ "$word" =~ ^[A-Za-z0-9_./:=,@+-]+$ ]] || word="'$word'"
        shown+=" $word"
    done
    printf '%s$%s%s\n' "$bold" "${shown//"$work/"/}" "$plain"
    "$@" || code=$?
    if (( code != 0 )); then
        printf 'failed (exit code %d):%s\n' "$code" "$shown" >&2
        exit 1
    fi
}
