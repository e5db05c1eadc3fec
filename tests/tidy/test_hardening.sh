#!/usr/bin/env bash
# The executables carry the hardening that the build asks for, and every file is compiled with it.
set -euo pipefail

wrong=0
complain() { echo "$1: $2"; wrong=$(( wrong + 1 )); }

check_executable() {
    local file="$1" header segments dynamic symbols
    header="$(readelf -hW "$file")"
    segments="$(readelf -lW "$file")"
    dynamic="$(readelf -dW "$file")"
    symbols="$(readelf -W --dyn-syms "$file")"
    grep -q 'Type: *DYN' <<< "$header" && grep -q 'FLAGS_1.*\bPIE\b' <<< "$dynamic" ||
        complain "$file" "not position independent"
    grep -q 'GNU_RELRO' <<< "$segments" || complain "$file" "no RELRO"
    grep -qE '\(BIND_NOW\)|FLAGS_1.*\bNOW\b' <<< "$dynamic" || complain "$file" "no BIND_NOW"
    grep 'GNU_STACK' <<< "$segments" | grep -q 'RW ' || complain "$file" "executable stack"
    grep -q '__stack_chk_fail' <<< "$symbols" || complain "$file" "no stack protector"
    grep -qE ' __[a-z0-9]+_chk@' <<< "$symbols" || complain "$file" "no _FORTIFY_SOURCE"
    grep -qE '\((TEXTREL|RPATH|RUNPATH)\)' <<< "$dynamic" && complain "$file" "TEXTREL or RPATH"
    return 0
}

# What leaves no trace in an executable, the compiler tells of the options that it is given.
check_options() { # check_options NAME OPTION…
    local name="$1" macros states
    shift
    macros="$(c++ "$@" -dM -E -x c++ /dev/null)"
    states="$(c++ "$@" -Q --help=common)"
    grep -qx '#define __OPTIMIZE__ 1' <<< "$macros" && grep -qx '#define _FORTIFY_SOURCE 3' \
        <<< "$macros" || complain "$name" "no _FORTIFY_SOURCE=3"
    grep -q '^#define _GLIBCXX_ASSERTIONS' <<< "$macros" ||
        complain "$name" "no _GLIBCXX_ASSERTIONS"
    grep -q '^#define __SSP_STRONG__' <<< "$macros" || complain "$name" "no strong stack protector"
    grep -qE '^ *-fstack-clash-protection\s+\[enabled\]' <<< "$states" ||
        complain "$name" "no stack clash protection"
    return 0
}

# Every compiler call of the build; few of them differ in the options that matter here.
check_compiler_calls() {
    local file options words count=0
    while IFS=$'\t' read -r file options; do
        read -ra words <<< "$options"
        check_options "$file" "${words[@]}"
        count=$(( count + 1 ))
    done < <(jq -r '.[] | (.command | [scan("(?<= )-(?:O|f|U|D_)[^ ]*")] | join(" ")) as $options |
            [.file, $options] | @tsv' "$CAIRN_BINARY_DIR/compile_commands.json" |
        sort -t $'\t' -k 2,2 -u)
    if (( count == 0 )); then
        complain compile_commands.json "no compiler calls"
    fi
    echo "$count kinds of compiler calls checked"
}

# The rules themselves can fail: a program built without any of it breaks each of them.
prove_that_it_can_fail() {
    local before=$wrong
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    echo 'int main(int n, char** v) { char b[64]; for (int i = 0; i < n; ++i) b[i] = v[i][0];
          return b[n - 1]; }' > "$folder/soft.c"
    gcc -O0 -fno-stack-protector -U_FORTIFY_SOURCE -no-pie -Wl,-z,norelro,-z,lazy,-z,execstack \
        -o "$folder/soft" "$folder/soft.c"
    check_executable "$folder/soft" > "$folder/complaints"
    if (( wrong - before != 6 )); then
        cat "$folder/complaints"
        echo "a soft program should break 6 rules, and broke $(( wrong - before ))"
        exit 1
    fi
    wrong=$before
    check_options "soft options" -O0 -fno-stack-protector > "$folder/complaints"
    check_options "-D_FORTIFY_SOURCE=2" -O1 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong \
        -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 >> "$folder/complaints"
    if (( wrong - before != 5 )); then
        cat "$folder/complaints"
        echo "soft options should break 5 rules, and broke $(( wrong - before ))"
        exit 1
    fi
    wrong=$before
}

prove_that_it_can_fail
check_compiler_calls
checked=0
for name in cairnctl cairn; do
    file="$CAIRN_BINARY_DIR/app/$name"
    if [[ -x "$file" ]]; then
        check_executable "$file"
        checked=$(( checked + 1 ))
    fi
done
echo "$checked executables checked, $wrong rules broken"
(( checked > 0 )) || exit 77 # Nothing was built to look at: skipped, not passed.
(( wrong == 0 ))
