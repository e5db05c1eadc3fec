#!/usr/bin/env bash
# The executables carry the hardening that the build asks for.
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
}

prove_that_it_can_fail
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
