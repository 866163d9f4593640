#!/usr/bin/env bash
# Trains a preset, or resumes the run if it exists, then draws a grid of samples into RUN/samples.png.
# Used by `make mnist` and `make demo`.
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
