#!/usr/bin/env bash
# Trains each row of the table in ddpm/run/README.md and prints the table, with the validation losses.
# Usage, from the repository's root:  bash tests/documents/experiments.sh
# Environment: RUNS (a folder for the runs, runs/numbers), DATA (data/mnist), MORE (more options of train).
# What the program prints goes to standard error. Exit status: 1 if a run fails.
set -eu
runs=${RUNS:-runs/numbers} data=${DATA:-data/mnist} row=0

# row NETWORK OPTIONS IMAGES: OPTIONS are those of train.
row() {
  row=$((row + 1))
  local run=$runs/experiment-$row options=${2:+\`$2\`}
  rm -rf "$run"
  build/ddpm train --data "$data" --preset mnist --out "$run" $2 ${MORE:-} >&2
  # ema_loss is the seventh column.
  printf '| %s | %s | %s | %.4f |\n' "$1" "${options:-none: this is the preset \`mnist\`}" "$3" \
    "$(tail -n 1 "$run/validation.csv" | cut -d, -f7)"
}

tiny='--blocks 2 --attention 14 --lr 1e-3 --ema 0.99'
echo '| network | options | images | validation loss |'
echo '|---|---|---|---|'
row 'that of `tiny`' "$tiny --steps 1500" 24,000
row 'that of `tiny`' "$tiny --steps 2800" 44,800
row 'half as wide, wider at 7x7' "$tiny --steps 1500 --channels 16 --multipliers 1,2,4" 24,000
row 'one block per level' '--attention 14 --lr 1e-3 --ema 0.99 --steps 1500' 24,000
row 'and attention in the middle only' '--steps 1500' 24,000
row 'the same' '--lr 3e-3 --steps 1500' 24,000
row 'the same' '' 102,400
