# Completion of cairnctl for bash: commands and options, as the program's own help lists them.
#
# Names of regions and numbers of backups are not completed: that would open disks at the press of
# a key, and names come from whoever wrote the disk.

_cairnctl_listed() { # _cairnctl_listed PATTERN COMMAND…: what the help of that command lists
    local pattern="$1"
    shift
    cairnctl "$@" --help 2>/dev/null | sed -nE "$pattern"
}

_cairnctl() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}" at
    local -a command=()
    COMPREPLY=()
    for (( at = 1; at < COMP_CWORD; ++at )); do
        case "${COMP_WORDS[at]}" in
            -a | --array | --confirm) (( ++at )) ;; # Its value is no command.
            -*) ;;
            array | region | catalog)
                command+=("${COMP_WORDS[at]}")
                ;;
            *)
                if [[ "${COMP_WORDS[at]}" =~ ^[a-z-]+$ ]]; then
                    command+=("${COMP_WORDS[at]}")
                fi
                break
                ;;
        esac
    done
    case "$before" in
        -a | --array)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
    esac
    local -a offered=()
    if [[ "$word" == -* ]]; then
        # The global ones stand before or after the command.
        mapfile -t offered < <(
            { _cairnctl_listed '/^  -/p'; _cairnctl_listed '/^  -/p' "${command[@]}"; } |
                sed -nE 's/^  (-[a-z], ?)?(--[a-z-]+).*/\2/p' | sort -u
        )
    elif (( ${#command[@]} == 0 )) || [[ "${command[*]}" =~ ^(array|region|catalog)$ ]]; then
        mapfile -t offered < <(
            _cairnctl_listed '/^Subcommands:/,/^$/s/^  ([a-z-]+) .*/\1/p' "${command[@]}"
        )
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "${offered[*]}" -- "$word")
}
complete -F _cairnctl cairnctl
