#!/usr/bin/env bash
# Kills PROGRAM by SIGKILL at random moments, KILLS times in all. Training with saves and grids must go on to
# the bytes of an undisturbed run; an output of `sample` and the classifier of `score` must be the whole new
# one, the old one or absent. Usage: bash tests/attacks/kills.sh PROGRAM [KILLS [SEED]]
set -u
program=$(realpath "$1") here=$(dirname "$(realpath "$0")") kills=${2:-1000}
RANDOM=${3:-1}
. "$here/common.sh"
folder=$(scratch)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# milliseconds COMMAND...: how long it takes; it must succeed.
milliseconds() {
  local begin
  begin=$(date +%s%3N)
  "$@" >out 2>err || fail "$*"
  echo $(($(date +%s%3N) - begin))
}
# kill_within MS COMMAND...: kills it after a random time of at most MS. `ended` is its exit status, 137 if it
# did not end by itself.
kill_within() {
  "${@:2}" >out 2>err &
  sleep "$(printf '%d.%03d' $((RANDOM % ($1 + 1) / 1000)) $((RANDOM % ($1 + 1) % 1000)))"
  { kill -9 $! && wait $!; } 2>/dev/null
  wait $! 2>/dev/null
  ended=$?
  [ $ended = 137 ] && count=$((count + 1))
}
make_images
mkdir old
train+=" --steps 60"
often="--save-every 4 --sample-every 8"

duration=$(milliseconds $train $often --out whole)
without_seconds whole reference
count=0 finished=0
while [ $count -lt $((kills / 2)) ]; do
  kill_within "$duration" $program train --resume --out run $often
  if [ $ended = 1 ] && [ ! -e run/training/options.json ]; then
    kill_within "$duration" $train $often --out run  # killed before it was a run
  fi
  [ $ended = 0 ] || [ $ended = 137 ] || fail "train ended with status $ended"
  if [ $ended = 0 ] || [ $((RANDOM % 8)) = 0 ]; then
    [ -e run/training/options.json ] || continue
    [ $ended = 0 ] || milliseconds $program train --resume --out run $often >/dev/null
    without_seconds run ended
    diff -rq reference ended >err || fail "the run is not that of an undisturbed process, after $count kills"
    finished=$((finished + 1))
    rm -rf run
  fi
done
echo "kills: train: $count, in $finished runs of $duration ms; each ended with an undisturbed one's bytes"

sample="$program sample --run whole --count 6 --batch 2 --force"
duration=$(milliseconds $sample --out s.png --npy s.npy)
$sample --seed 1 --out old/s.png --npy old/s.npy >out 2>err || fail "sample"
mv s.png s.npy reference
count=0 whole=0
while [ $count -lt $((kills / 4)) ]; do
  existed=$((RANDOM % 2))
  rm -rf sampled && mkdir sampled
  [ $existed = 1 ] && cp old/* sampled
  kill_within $((duration + duration / 8)) $sample --out sampled/s.png --npy sampled/s.npy
  for file in s.png s.npy; do
    [ -e sampled/$file ] || [ $existed = 1 ] || continue
    is sampled/$file reference/$file $([ $existed = 1 ] && echo old/$file) || fail "sampled/$file is damaged"
    is sampled/$file reference/$file && whole=$((whole + 1))
  done
done
echo "kills: sample: $count of $duration ms each; $whole files whole and new, the others old or absent"

score="$program score --run whole --data images --count 4 --seeds 1 --classifier"
duration=$(milliseconds $score c.safetensors)
mv c.safetensors reference
count=0 whole=0
while [ $count -lt $((kills / 4)) ]; do
  rm -f c.safetensors
  kill_within $((duration + duration / 8)) $score c.safetensors
  [ -e c.safetensors ] || continue
  is c.safetensors reference/c.safetensors || fail "the classifier is damaged"
  whole=$((whole + 1))
done
echo "kills: score: $count of $duration ms each; $whole classifiers whole, the others absent"
