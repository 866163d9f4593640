#!/usr/bin/env bash
# Checks kernels/processor.c: a program says why it cannot run on this processor, and what to build instead.
# The processors are this machine's and those of qemu-user; where that is missing, their lines are left out.
# Usage: bash tests/processor.sh PROGRAM [CXX]; PROGRAM was built for this machine.
set -u
program=$1 cxx=${2:-g++} failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ "$(uname -m)" = x86_64 ] || { echo "processor: checked on x86-64 alone"; exit 0; }

# expect NAME WANTED GOT: one line.
expect() {
  if [ "$2" = "$3" ]; then echo "processor: $1: ok"; else
    failed=1
    printf 'processor: %s: FAILED\n  wanted: %s\n  got:    %s\n' "$@"
  fi
}
# built_for NAMES: the check alone, as if the program was built for these instruction sets.
built_for() {
  echo "#define BUILT_FOR \" $1 \"" >"$folder/built_for.h"
  echo 'int main(void) { return 0; }' >"$folder/main.c"
  "$cxx" -x c -march=x86-64 -I"$folder" kernels/processor.c "$folder/main.c" -o "$folder/check"
}
# missing COMMAND...: the instruction sets that its complaint names, one a line.
missing() { "$@" 2>&1 | sed -n 's/.* processor with \(.*\), which.*/\1/p' | tr -d ' ' | tr , '\n'; }
# complaint NAMES LEVEL: the whole sentence.
complaint() {
  echo "ddpm: this program was built for a processor with $1, which this one lacks: build it here, or with" \
    "make ARCH=$2"
}
# on PROCESSOR: the check's complaint there.
on() { qemu-x86_64 -cpu "$1" "$folder/check" 2>&1 | grep '^ddpm'; }
# flag NAME: how Linux spells it in /proc/cpuinfo.
flag() {
  case $1 in
    SSE3) echo pni ;; BMI) echo bmi1 ;; LZCNT) echo abm ;; AVXVNNI) echo avx_vnni ;;
    AVX512VBMI2) echo avx512_vbmi2 ;; AVX512VNNI) echo avx512_vnni ;; AVX512BITALG) echo avx512_bitalg ;;
    AVX512VPOPCNTDQ) echo avx512_vpopcntdq ;; AVX512FP16) echo avx512_fp16 ;; AVX512BF16) echo avx512_bf16 ;;
    *) echo "$1" | tr '[:upper:]' '[:lower:]' ;;
  esac
}

names=$(grep -o '{"[A-Z0-9_]*", [0-9x]*, [01], e.x' kernels/processor.c | cut -d'"' -f2)
[ "$(echo "$names" | wc -l)" -gt 25 ] || { echo "processor: the table was not found"; exit 1; }
built_for "$(echo $names)" || exit 1
expect "every set of the table is seen where Linux sees it" \
  "$(for n in $names; do grep -qw "$(flag "$n")" /proc/cpuinfo || echo "$n"; done)" \
  "$(missing "$folder/check")"
built_for "FP_FAST_FMA XAVX512F AVX512FX SSE2"
expect "names are compared whole" "" "$("$folder/check" 2>&1)"
expect "the program runs here" "" "$("$program" --help 2>&1 >"$folder/out")"

if command -v qemu-x86_64 >/dev/null; then
  built_for "SSE4_2 AVX AVX2 FMA"
  expect "Nehalem" "$(complaint 'AVX, AVX2, FMA' x86-64-v2)" "$(on Nehalem)"
  built_for "AVX512F"
  expect "Haswell" "$(complaint AVX512F x86-64-v3)" "$(on Haswell)"
  built_for "SSSE3"
  expect "the first x86-64" "$(complaint SSSE3 x86-64)" "$(on qemu64,-ssse3)"
  qemu-x86_64 -cpu Nehalem "$program" --help >"$folder/out" 2>"$folder/err"
  expect "the program on Nehalem: exit status" 1 $?
  expect "the program on Nehalem: one sentence alone" "0 1 1" \
    "$(wc -c <"$folder/out") $(wc -l <"$folder/err") $(grep -c 'make ARCH=x86-64-v2$' "$folder/err")"
else
  echo "processor: no qemu-x86_64 here (Debian's package qemu-user): other processors are left out"
fi
exit $failed
