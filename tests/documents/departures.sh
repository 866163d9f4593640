#!/usr/bin/env bash
# Prints what the switches of the departures change, as two tables in Markdown: the validation loss after the
# run of `make demo` with one setting changed, and the score of samples with the clip and without.
# Usage, from the repository's root:  bash tests/documents/departures.sh
# Environment: RUNS (a folder for the runs, runs/numbers), COUNT (512 samples), MORE (more options of train).
# What the program prints besides goes to standard error. Exit status: 1 if a command fails.
set -eu
runs=${RUNS:-runs/numbers} count=${COUNT:-512}

# row DEPARTURE OPTIONS: trains with them. ema_loss is the seventh column.
row() {
  rm -rf "$runs/departure$1"
  build/ddpm train --data digits --preset digits --T 200 --beta-1 5e-4 --beta-T 0.1 $2 ${MORE:-} \
    --out "$runs/departure$1" >&2
  echo "| $1 | ${2:+\`$2\`} | $(tail -n 1 "$runs/departure$1/validation.csv" | cut -d, -f7) |"
}
echo '| departure | setting | validation loss |'
echo '|---|---|---|'
row '' ''
row 3 '--clip-norm 0'
row 4 '--warmup 0'
row 5 '--decay none'

echo
echo "| departure 2, $count samples | confidence above 0.9 | Frechet distance |"
echo '|---|---|---|'
for clip in on off; do
  report=$(build/ddpm score --run "$runs/departure" --data digits --clip $clip --count "$count" --seeds 1)
  # figure NAME: the value of the samples in that line; the columns are 20 and 24 characters wide.
  figure() { sed -n "s/^$1  *\(.*[^ ]\)   *[0-9].*$/\1/p" <<<"$report"; }
  echo "| \`--clip $clip\` | $(figure 'confidence > 0.9') | $(figure 'Frechet distance') |"
done
