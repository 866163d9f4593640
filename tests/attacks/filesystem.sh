#!/usr/bin/env bash
# Runs PROGRAM on file systems that misbehave: a disk that is full at each call that needs room, folders that
# may not be written to or vanish, a clock that jumps, two programs on one run. What may not be lost is there
# afterwards, and each refusal is one sentence. STRIDE=5 fills the disk at every fifth call alone.
# Usage: bash tests/attacks/filesystem.sh PROGRAM [STRIDE]
set -u
program=$(realpath "$1") here=$(dirname "$(realpath "$0")") stride=${2:-1}
. "$here/common.sh"
folder=$(scratch)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
${CC:-cc} -O1 -shared -fPIC -o shim.so "$here/shim.c" -ldl || exit 1

# refused WHAT STATUS: the command ended with status 1 and one sentence, which is not an internal error.
refused() {
  [ "$2" = 1 ] && [ "$(grep -c '^ddpm: ' err)" = 1 ] && ! grep -q 'internal error' err || fail "$1: status $2"
}
# ended RUN: it is the run that the reference is, to the byte. Only the grids of samples may be missing of
# which a warning said so: training goes on without them.
warned=
ended() {
  without_seconds "$1" ended
  diff -rq $warned reference/run ended >err || fail "$2: another run than an undisturbed one"
}
# count_calls COMMAND...: sets `all` to the number of its calls that need room on the disk. It must succeed.
count_calls() {
  FULL_COUNT=count LD_PRELOAD=$PWD/shim.so "$@" >out 2>err || fail "$*"
  all=$(cat count)
}
# with_full_disk CALL once|on COMMAND...: the disk is full at that call, or from then on. Sets `status`, and
# `warned` to the options of diff that leave out the grids of which the command warned.
with_full_disk() {
  local to=$1
  [ "$2" = on ] && to=1000000000
  FULL_FROM=$1 FULL_TO=$to LD_PRELOAD=$PWD/shim.so "${@:3}" >out 2>err
  status=$?
  warned=$(sed -n 's/.*no samples at step \([0-9]*\):.*/\1/p' err | xargs -r printf '-x step-%06d.png ')
  [ $status = 0 ] || refused "full disk $2 at call $1: $3 $4" $status
}

make_images
mkdir reference old
often="--save-every 3 --sample-every 3"
new="$train --steps 6 $often --out" resume="$program train --resume $often --out"
sample="$program sample --run run --count 4 --batch 2 --force"
score="$program score --run run --data images --count 4 --seeds 1 --classifier"
count_calls $new run
without_seconds run reference/run
cp -r run trained

count=0 refusals=0
for ((call = 1; call <= all; call += stride)); do
  for how in once on; do
    rm -rf run
    with_full_disk $call $how $new run
    count=$((count + 1)) refusals=$((refusals + (status == 1)))
    if [ -e run/training/options.json ]; then
      $resume run >out 2>err || fail "resume after a full disk $how at call $call"
    else
      $new run >out 2>err || fail "train after a full disk $how at call $call"
    fi
    ended run "full disk $how at call $call"
  done
done
echo "filesystem: full disk, train: $count runs over $all calls, $refusals refused; the same run in the end"

# outputs NAME FILES COMMAND...: after a full disk, each file is the new or the old one; after a refusal
# without old ones, new or absent.
outputs() {
  local name=$1 files=$2 call how existed file
  shift 2
  count_calls "$@"
  for file in $files; do cp $file reference/$file; echo old >old/$file; done
  count=0
  for ((call = 1; call <= all; call += stride)); do
    for how in once on; do
      for existed in 0 1; do
        rm -f $files
        [ $existed = 1 ] && for file in $files; do cp old/$file $file; done
        with_full_disk $call $how "$@"
        count=$((count + 1))
        for file in $files; do
          [ -e $file ] || { [ $existed = 0 ] && [ $status = 1 ]; } || fail "$name: $file is lost"
          [ ! -e $file ] || is $file reference/$file $([ $existed = 1 ] && echo old/$file) ||
            fail "$name: $file is damaged"
          [ $status = 1 ] || is $file reference/$file || fail "$name: success without $file"
        done
        compgen -G '*.tmp-*' && fail "$name: a temporary file is left"
      done
    done
  done
  for file in $files; do cp reference/$file $file; done
  echo "filesystem: full disk, $name: $count runs over $all calls; outputs whole and new, old or absent"
}
rm -rf run && cp -r trained run
outputs sample "s.png s.npy" $sample --out s.png --npy s.npy
outputs predict e.npy $program predict --run run --input s.npy --t 2 --output e.npy
outputs figure "f.svg f.csv" $program figure schedule --run run --out f.svg --force
# The classifier is made where there is none, and never replaced.
count_calls $score c.safetensors
mv c.safetensors reference
for ((call = 1; call <= all; ++call)); do
  rm -f c.safetensors
  with_full_disk $call on $score c.safetensors
  [ ! -e c.safetensors ] || is c.safetensors reference/c.safetensors || fail "score: damaged classifier"
done
echo "filesystem: full disk, score: $all calls; the classifier is whole or absent"

# The rights of a folder mean nothing to the superuser.
as_user=
[ "$(id -u)" != 0 ] || as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
mkdir locked && cp -r trained locked/run && cp -r images locked/images
[ -z "$as_user" ] || { chmod 755 . && chown -R 65534:65534 . ; }
chmod -R a-w locked
sums() { find locked -type f -exec cksum {} + | sort; }
before=$(sums)
for command in "$resume locked/run" "$new locked/new" "$sample --out locked/s.png" \
  "$program predict --run run --input s.npy --t 2 --output locked/e.npy" \
  "$program figure schedule --out locked/f.svg" \
  "$program score --run run --data locked/images --count 4 --seeds 1"; do
  $as_user $command >out 2>err
  refused "read-only: $command" $?
done
[ "$before" = "$(sums)" ] || fail "read-only: a file has changed"
$as_user $program sample --run locked/run --count 4 --out free.png >out 2>err ||
  fail "a read-only run cannot be sampled from"
echo "filesystem: read-only folders: each refused in one sentence, nothing changed; sampling from them works"

# A folder that vanishes: the next save says so. The data are in memory from the beginning.
$train --steps 100000 --save-every 50 --sample-every 0 --out gone >out 2>err &
until [ -e gone/training/state.safetensors ]; do sleep 0.05; done
rm -rf gone
wait $!
refused "a run's folder is removed" $?
cp -r images going
$program train --data going $network --steps 400 --out run2 >out 2>err &
until [ -e run2/log.csv ]; do sleep 0.05; done
rm -rf going
wait $! || fail "the data's folder is removed"
echo "filesystem: a run's folder removed under it: one sentence; the data's: no matter"

CLOCK_JUMPS=1 LD_PRELOAD=$PWD/shim.so $new jumped >out 2>err || fail "a clock that jumps"
awk -F, 'NR > 1 && !($NF >= 0 && $NF < 60) { exit 1 }' jumped/log.csv || fail "a clock that jumps: seconds"
ended jumped "a clock that jumps"
echo "filesystem: a clock that jumps: the same bytes, and seconds of training that are real"

# Two programs on one run: the second is refused. Reading is not disturbed by saves.
$train --steps 100000 --save-every 2 --sample-every 0 --out shared >out2 2>err2 &
first=$!
until [ -e shared/unet/diffusion_pytorch_model.safetensors ]; do sleep 0.05; done
for n in 1 2 3 4 5 6 7 8; do
  $resume shared >out 2>err
  refused "a second program trains" $?
  $program sample --run shared --count 1 --out shared.png --force >out 2>err || fail "sampling meanwhile"
done
kill -TERM $first
wait $first
[ $? = 130 ] || fail "training beside others"
$resume shared --stop-after 1 >out 2>err || fail "resume after others"
echo "filesystem: two programs on one run: the second refused, samples drawn meanwhile"
