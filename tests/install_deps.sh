#!/usr/bin/env bash
# make deps: installs the two header libraries the project uses, doctest and
# stb_image_write, with the system's package manager, and only if missing.
set -eu

# The compiler is the judge of what is there: the same one, the same paths.
cxx=${CXX:-g++}
command -v "$cxx" >/dev/null || cxx=c++
include=()
if command -v brew >/dev/null; then include=(-I"$(brew --prefix)/include"); fi
have() { echo "#include <$1>" | "$cxx" ${include[@]+"${include[@]}"} -x c++ -E - >/dev/null 2>&1; }
missing() {
  have doctest/doctest.h || echo doctest
  have stb/stb_image_write.h || have stb_image_write.h || echo stb
}

need=$(missing | tr '\n' ' ')
if [ -z "$need" ]; then
  echo "deps: doctest and stb_image_write are already installed"
  exit 0
fi

# as_root COMMAND...: prints it, then runs it, with sudo only when not root.
as_root() {
  if [ "$(id -u)" -ne 0 ]; then set -- sudo "$@"; fi
  echo "deps: $*"
  "$@"
}
# names DOCTEST STB: this package manager's names of what is missing.
names() { for n in $need; do case $n in doctest) echo "$1" ;; stb) echo "$2" ;; esac; done; }

if command -v apt-get >/dev/null; then
  packages=$(names doctest-dev libstb-dev)
  as_root apt-get install -y --no-install-recommends $packages ||
    { as_root apt-get update && as_root apt-get install -y --no-install-recommends $packages; } || true
elif command -v dnf >/dev/null; then
  as_root dnf install -y $(names doctest-devel stb_image_write-devel) || true
elif command -v pacman >/dev/null; then
  as_root pacman -S --needed --noconfirm $(names doctest stb) || true
elif command -v brew >/dev/null; then
  packages="$(names doctest stb) libomp"
  echo "deps: brew install $packages"
  brew install $packages || true
fi

need=$(missing | tr '\n' ' ')
if [ -n "$need" ]; then
  echo "deps: still missing: $need" >&2
  echo "deps: put doctest.h at /usr/local/include/doctest/doctest.h (github.com/doctest/doctest)" >&2
  echo "deps: and stb_image_write.h at /usr/local/include/stb/stb_image_write.h (github.com/nothings/stb)" >&2
  echo "deps: or both in any folder that CPLUS_INCLUDE_PATH names." >&2
  exit 1
fi
echo "deps: done"
