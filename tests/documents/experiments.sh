#!/usr/bin/env bash
# Trains each row of the table in ddpm/run/README.md and prints the table, with the validation losses.
# Usage, from the repository's root:  bash tests/documents/experiments.sh
# Environment: RUNS (a folder for the runs, runs/numbers), DATA (data/mnist), STEPS (for a trial, so many
#   steps in each run).
# What the program prints goes to standard error. Exit status: 1 if a run fails.
set -eu
runs=${RUNS:-runs/numbers} data=${DATA:-data/mnist} row=0

# row NETWORK STEPS OPTIONS: trains with the preset mnist, whose batches have 16 images, and prints a row.
row() {
  row=$((row + 1))
  local run=$runs/experiment-$row options="$3 --steps $2"
  [ "$2" = 6400 ] && options='none: this is the preset `mnist`' || options="\`${options# }\`"
  rm -rf "$run"
  build/ddpm train --data "$data" --preset mnist --out "$run" $3 --steps "${STEPS:-$2}" >&2
  # ema_loss is the seventh column.
  printf '| %s | %s | %s | %.4f |\n' "$1" "$options" "$(sed 's/...$/,&/' <<<$((16 * $2)))" \
    "$(tail -n 1 "$run/validation.csv" | cut -d, -f7)"
}

tiny='--blocks 2 --attention 14 --lr 1e-3 --ema 0.99'
echo '| network | options | images | validation loss |'
echo '|---|---|---|---|'
row 'that of `tiny`' 1500 "$tiny"
row 'that of `tiny`' 2800 "$tiny"
row 'half as wide, wider at 7x7' 1500 "$tiny --channels 16 --multipliers 1,2,4"
row 'one block per level' 1500 '--attention 14 --lr 1e-3 --ema 0.99'
row 'and attention in the middle only' 1500 ''
row 'the same' 1500 '--lr 3e-3'
row 'the same' 6400 ''
