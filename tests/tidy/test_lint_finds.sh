#!/usr/bin/env bash
# clang-tidy and clang-format, configured as they are here, find what they are there for.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

cat > "$folder/sample.cpp" <<'CPP'
#include <string>
#include <vector>
struct bad_name {};
int Bad_Function(std::string text)
{
  int value;
  char* p = NULL;
  for (auto s : std::vector<std::string>{text}) value = (int)s.size();
  return *p + value;
}
CPP

sample="$folder/sample.cpp"
found="$(clang-tidy-19 --quiet --config-file=.clang-tidy "$sample" -- -std=c++23 2>&1)" &&
    { echo "clang-tidy finds nothing wrong with a bad sample"; exit 1; }
for rule in readability-identifier-naming performance-unnecessary-value-param \
    performance-for-range-copy cppcoreguidelines-init-variables modernize-use-nullptr \
    clang-analyzer-core.NullDereference; do
    grep -qF "$rule,-warnings-as-errors" <<< "$found" || { echo "not found: $rule"; exit 1; }
done

if clang-format-19 --style=file:.clang-format --dry-run -Werror "$sample" 2>/dev/null; then
    echo "clang-format finds nothing wrong with a bad sample"
    exit 1
fi
