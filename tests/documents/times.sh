#!/usr/bin/env bash
# Prints how long what README shows takes, as a table in Markdown: a row for each ROW.
# Usage, from the repository's root:  bash tests/documents/times.sh ROW...
#   build    building the program          mnist    make mnist, from a new run
#   demo     make demo, from nothing       example  make example, running
#   test     make test, running
# Environment: RUNS (a folder for the runs, runs/numbers), STEPS (for a trial of mnist, so many steps).
# What the commands print goes to standard error. Exit status: 1 if one of them fails.
set -eu
runs=${RUNS:-runs/numbers} scratch=build/numbers

# row NAME COMMAND...: runs the command and prints its row.
row() {
  local name=$1 begin seconds
  shift
  begin=$(date +%s)
  "$@" >&2
  seconds=$(($(date +%s) - begin))
  if [ $seconds -lt 120 ]; then
    echo "| $name | $seconds s |"
  else
    echo "| $name | $((seconds / 60)) min $((seconds % 60)) s |"
  fi
}
mnist() {
  rm -rf "$runs/mnist"
  bash ddpm/cli/train_and_sample.sh build/ddpm data/mnist "$runs/mnist" mnist 64 ${STEPS:+--steps $STEPS}
}

echo '| | time |'
echo '|---|---|'
for name in "$@"; do
  case $name in
    build)
      rm -rf "$scratch"
      row 'building the program' make -s BUILD="$scratch" ;;
    mnist)
      bash ddpm/data/fetch.sh data/mnist >&2
      row '`make mnist`: 6,400 steps of 16 images, then 64 samples of 1,000 steps' mnist ;;
    demo)
      rm -rf "$scratch" "$runs/demo"
      row '`make demo`: building, training, sampling' make -s demo BUILD="$scratch" RUNS="$runs" ;;
    example)
      make -s build/example >&2
      row '`make example`, after building' make -s example ;;
    test)
      make -s build/tests-float build/tests-double build/ddpm >&2
      row '`make test`, after building' make -s test ;;
    *)
      echo "times: there is no row $name; see the head of $0" >&2
      exit 1 ;;
  esac
done
