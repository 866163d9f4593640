#!/usr/bin/env bash
# make format and make format-check: the C and C++ code in the house's style (.clang-format).
# Usage, from the repository's root:  bash tests/format.sh [--check]
#   --check  changes nothing and lists the lines that make format would change
# Exit status: 1 if clang-format is missing or fails, or if --check lists a line.
set -u
die() { echo "format: $*" >&2; exit 1; }
# on_all OPTIONS...: clang-format on every C and C++ file.
on_all() { find kernels tensor nn ddpm tests -regex '.*\.\(h\|cpp\|c\)' -exec "$format" "$@" {} +; }

format=$(command -v clang-format-14 || command -v clang-format) ||
  die "clang-format is missing: install the package clang-format-14, or clang-format"
version=$("$format" --version)
[[ $version == *'version 14.'* ]] || echo "format: the style was tuned with version 14, this is $version" >&2

if [ "${1:-}" = --check ]; then
  report=$(on_all --dry-run 2>&1) || die "$report"
  lines=$(sed -n 's/^\([^:]*:[0-9]*\):.*warning:.*/\1/p' <<<"$report" | sort -V | uniq)
  [ -z "$lines" ] || die "'make format' mends what is not in the house's style:
$lines"
else
  on_all -i
fi
