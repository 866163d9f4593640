#!/usr/bin/env bash
# make mnist and make demo: train a preset (or go on where a run stopped), then
# sample a grid of images into RUN/samples.png.
# Usage: train_and_sample.sh PROGRAM DATA RUN PRESET COUNT [options of train]
set -eu
program=$1 data=$2 run=$3 preset=$4 count=$5
shift 5
if [ -e "$run/training/options.json" ]; then
  "$program" train --out "$run" --resume
else
  "$program" train --data "$data" --out "$run" --preset "$preset" "$@"
fi
"$program" sample --run "$run" --count "$count" --out "$run/samples.png" --force
