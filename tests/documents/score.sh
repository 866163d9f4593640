#!/usr/bin/env bash
# Prints how good the samples of a run on MNIST are, as a table in Markdown: the validation loss at its end,
# and what `ddpm score` finds in its samples and in as many real digits.
# Usage, from the repository's root:  bash tests/documents/score.sh
# Environment: RUN (the run, runs/numbers/mnist, which tests/documents/times.sh mnist makes),
#   COUNT (512 samples), DATA (data/mnist).
# Exit status: 1 if there is no such run, or if ddpm score fails.
set -eu
run=${RUN:-runs/numbers/mnist} count=${COUNT:-512} data=${DATA:-data/mnist}
[ -e "$run/validation.csv" ] ||
  { echo "score: there is no run $run; bash tests/documents/times.sh mnist makes it" >&2; exit 1; }

# ema_loss is the seventh column.
loss=$(tail -n 1 "$run/validation.csv" | cut -d, -f7)
report=$(build/ddpm score --run "$run" --data "$data" --count "$count" --seeds 1)
# figure NAME: that line of the report as a row; its columns are 20 and 24 characters wide.
figure() {
  sed -n "s/^$1  *\(.*[^ ]\)   *\([0-9].*\)$/| $2 | \1 | \2 |/p" <<<"$report"
}
echo "| | $count samples | $count real digits |"
echo '|---|---|---|'
figure 'confidence > 0.9' 'surer than 0.9 of what digit it is'
figure 'Frechet distance' 'Frechet distance to real digits'
printf '| validation loss at the end of training | %.4f | |\n' "$loss"
echo
sed -n 's/^the classifier labels/The classifier labels/p' <<<"$report" | sed 's/$/./'
