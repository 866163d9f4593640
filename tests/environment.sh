#!/usr/bin/env bash
# Checks what PROGRAM does with the environment that it is started in (ddpm/machine/environment.h), by whole
# processes: the same bits, the warnings, and one sentence where threads cannot be made.
# Usage: bash tests/environment.sh PROGRAM
set -u
program=$1 failed=0
unset "${!OMP_@}" "${!GOMP_@}" "${!KMP_@}" DDPM_ENVIRONMENT
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect NAME WANTED GOT: one line.
expect() {
  if [ "$2" = "$3" ]; then echo "environment: $1: ok"; else
    failed=1
    printf 'environment: %s: FAILED\n  wanted: %s\n  got:    %s\n' "$@"
  fi
}
# sample VARIABLE=VALUE... [-- OPTION...]: the samples' hash, and how many warnings there were.
sample() {
  local variables=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do variables+=("$1"); shift; done
  env "${variables[@]}" "$program" sample --run "$folder/run" --count 40 --batch 40 --npy "$folder/s.npy" \
    --out "$folder/s.png" --force "${@:2}" 2>"$folder/err" >"$folder/out" || cat "$folder/err"
  echo "$(cksum <"$folder/s.npy"), $(grep -c '^warning' "$folder/err") warnings"
}

# train NAME: a run of one step. Its chain is short, but ends in noise, so that no warning speaks of it.
train() {
  "$program" train --data digits --out "$folder/$1" --preset digits --T 3 --beta-1 0.9 --beta-T 0.99 \
    --steps 1 --batch 2 2>/dev/null
}

train run >/dev/null || exit 1
reference=$(sample A=1)
bits=${reference%,*}
expect "nothing is warned of without a reason" "$bits, 0 warnings" "$reference"
case $(ldd "$program") in
  *libomp*) slow="KMP_BLOCKTIME=infinite KMP_LIBRARY=turnaround" other=GOMP_SPINCOUNT=infinite ;;
  *) slow=GOMP_SPINCOUNT=infinite other=KMP_BLOCKTIME=infinite ;;
esac
for variable in $slow OMP_WAIT_POLICY=active OMP_WAIT_POLICY=Active OMP_PROC_BIND=true OMP_PLACES=cores \
  OMP_NUM_THREADS=1000 OMP_STACKSIZE=900G; do
  expect "$variable: one warning, the same bits" "$bits, 1 warnings" "$(sample $variable)"
done
for variable in $other OMP_WAIT_POLICY=passive OMP_PROC_BIND=false OMP_DYNAMIC=true OMP_STACKSIZE=100M; do
  expect "$variable: no warning, the same bits" "$bits, 0 warnings" "$(sample $variable)"
done
expect "several at once: a line each" "$bits, 3 warnings" \
  "$(sample OMP_WAIT_POLICY=active $slow OMP_NUM_THREADS=1000 OMP_PROC_BIND=close)"
expect "--threads 1000: one warning" "$bits, 1 warnings" "$(sample OMP_NUM_THREADS=1000 -- --threads 1000)"
expect "DDPM_ENVIRONMENT=keep" "$bits, 0 warnings" \
  "$(sample DDPM_ENVIRONMENT=keep OMP_WAIT_POLICY=active OMP_PROC_BIND=true -- --threads 7)"

# Threads bound to processors do not make the program believe that it has one processor.
expect "OMP_PROC_BIND=true: threads" "$(train free | grep -o '[0-9]* threads')" \
  "$(OMP_PROC_BIND=true train bound | grep -o '[0-9]* threads')"

(ulimit -v 1500000 && DDPM_ENVIRONMENT=keep "$program" sample --run "$folder/run" --out "$folder/s.png" \
  --force --threads 1000 >"$folder/out" 2>"$folder/err")
expect "threads that cannot be made: exit status" 1 $?
expect "threads that cannot be made: one sentence" "1 1" \
  "$(wc -l <"$folder/err") $(grep -c '^ddpm: cannot make 1000 threads: .*: lower --threads' "$folder/err")"
exit $failed
