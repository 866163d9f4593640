#!/usr/bin/env bash
# Runs FOLDER/fuzzer for SECONDS in all, a part of them for each reader, or all for the READER that is named.
# What it finds goes to FOLDER/found, what it learns to FOLDER/corpus. Fails if something is found.
# Usage: bash tests/fuzz/run.sh FOLDER SECONDS [READER]
set -u
folder=$1 seconds=$2
readers=${3:-$(env -u READER "$folder/fuzzer")}
each=$((seconds / $(wc -w <<<"$readers")))
[ "$each" -ge 1 ] || each=1
if [ -d /dev/shm ]; then export TMPDIR=/dev/shm; fi
failed=0
mkdir -p "$folder/found"

# figure NAME LOG: one of libFuzzer's final figures.
figure() { sed -n "s/^stat::$1: *//p" "$2"; }

for reader in $readers; do
  log=$folder/$reader.log
  mkdir -p "$folder/corpus/$reader"
  READER=$reader "$folder/fuzzer" -max_total_time="$each" -timeout=20 -print_final_stats=1 \
    -use_value_profile=1 -artifact_prefix="$folder/found/$reader-" \
    "$folder/corpus/$reader" "tests/fuzz/corpus/$reader" >"$log" 2>&1
  status=$?
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  echo "fuzz: $reader: $(figure number_of_executed_units "$log") inputs, $edges edges of the code"
  [ "$status" -eq 0 ] && continue
  failed=1
  tail -40 "$log"
  echo "fuzz: $reader: FAILED, see $log; try a found input with: READER=$reader $folder/fuzzer INPUT"
done
exit "$failed"
