#!/usr/bin/env bash
# make same-bits: the test suite "same bits" for several instruction sets and tunings.
# Compiles the kernels for each, links them with the objects of everything else (compiled
# once, by make's own flags: there is no loop worth vectors), and runs the suite. Then prints
# what each computes, as a table in Markdown: hashes of one training step and of two samples, and the largest
# difference of eps from the first row's, over the largest |eps|.
# Usage, by make alone:  COMPILE=... LIBS=... bash tests/same_bits.sh FOLDER KERNELS.cpp OBJECT...
# Environment: REFERENCE, an eps file of an earlier run (FOLDER/native.eps), to compare with.
# Exit status: 1 if a suite failed, or if two rows ran different numbers of cases. Processors that
# this machine cannot stand in for are left out, with a line that says so.
set -u
folder=$1 kernels=$2
shift 2
mkdir -p "$folder" || exit 1
reference=${REFERENCE:-} failed=0 first_cases=

# can_run_v3: does this machine have the instructions of -march=x86-64-v3?
can_run_v3() { grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; } 2>/dev/null

# difference EPS REFERENCE: max |a - b| / max |b| over the numbers of two files; fails where they
# hold different numbers of numbers, or none, or what is no finite number.
difference() {
  paste -d' ' <(tr ' ' '\n' <"$1") <(tr ' ' '\n' <"$2") |
    awk 'function abs(x) { return x < 0 ? -x : x }
         NF != 2 || /n/ { bad = 1 }
         { if (abs($1 - $2) > d) d = abs($1 - $2); if (abs($2) > m) m = abs($2) }
         END { if (bad || !(m > 0)) exit 1; printf "%.1e", d / m }'
}

# compile NAME FLAGS...: the kernels for one processor.
compile() { rm -f "$folder/$1" "$folder/$1".*; $COMPILE "${@:2}" -c "$kernels" -o "$folder/$1.o"; }

# row NAME FLAGS...: one processor.
row() {
  local name=$1 program=$folder/$1 cases far
  $COMPILE "$program.o" "${objects[@]}" $LIBS -o "$program" || return 1
  "$program" -ts='same bits' >"$program.log" 2>&1 || { cat "$program.log"; return 1; }
  "$program" --no-skip -tc='fingerprint:*' | sed -n 's/^training step //p' >"$program.fingerprint"
  sed 's/.*eps //' "$program.fingerprint" >"$program.eps"
  [ -s "$program.eps" ] || return 1
  : "${reference:=$program.eps}"
  cases=$(sed -n 's/.*test cases:.*| *\([0-9]*\) passed.*/\1/p' "$program.log")
  far=$(difference "$program.eps" "$reference") ||
    { echo "$name: eps cannot be compared with $reference"; return 1; }
  printf '| %-18s | %-5s | %s | %-17s |\n' "$name" "$cases" \
    "$(sed 's/, sample/ |/; s/, eps.*//' "$program.fingerprint")" "$far"
  : "${first_cases:=$cases}"
  [ "$cases" -gt 0 ] && [ "$cases" = "$first_cases" ]
}

objects=("$@")
rows=(native)
[ "$(uname -m)" = x86_64 ] && rows+=("x86-64 -march=x86-64 -mtune=generic")
if can_run_v3; then
  for tuning in generic haswell znver3; do rows+=("x86-64-v3-$tuning -march=x86-64-v3 -mtune=$tuning"); done
else
  echo "x86-64-v3: not on this machine" >&2
fi
for row in "${rows[@]}"; do
  compile $row &
  [ "$(jobs -rp | wc -l)" -lt "$(getconf _NPROCESSORS_ONLN)" ] || wait -n
done
wait

printf '| %-18s | %-5s | %-16s | %-16s | %s |\n' '' cases 'training step' sample 'difference of eps'
echo '|---|---|---|---|---|'
for row in "${rows[@]}"; do row $row || failed=1; done
exit $failed
