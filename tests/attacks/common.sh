# What tests/attacks/*.sh share: they source it with `program` set, and go to a folder of their own.

# scratch: makes a folder in memory, where that can be: each save waits for the disk otherwise.
scratch() { TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}") mktemp -d; }

fail() { echo "FAILED: $*"; sed 's/^/  /' err; exit 1; }

# Makes images/: forty training and eight test images of 8x8 with labels. Bytes of any kind will do.
make_images() {
  local split name n
  mkdir -p images
  for split in train:40 t10k:8; do
    name=images/${split%:*} n=${split#*:}
    { printf '\0\0\10\3\0\0\0%b\0\0\0\10\0\0\0\10' "\\0$(printf %o "$n")"; seq 1000 | head -c $((n * 64)); } \
      >"$name-images-idx3-ubyte"
    { printf '\0\0\10\1\0\0\0%b' "\\0$(printf %o "$n")"; head -c "$n" /dev/zero; } >"$name-labels-idx1-ubyte"
  done
}
network="--channels 4 --multipliers 1 --blocks 1 --attention none --groups 2 --T 5 --beta-T 0.4 --batch 4"
train="$program train --data images $network"

# without_seconds RUN COPY: the run but for the last column of its log, which differs in each run.
without_seconds() { rm -rf "$2" && cp -r "$1" "$2" && sed -i 's/,[^,]*$//' "$2/log.csv"; }
# is FILE OTHER...: whether it has the bytes of one of the others.
is() {
  local other
  for other in "${@:2}"; do cmp -s "$1" "$other" && return; done
  return 1
}
