#!/usr/bin/env bash
# make mutants: are the tests awake? In a copy of the sources, one small fault at
# a time is put into one file (the list: tests/mutants.txt), that file alone is
# compiled again, and the tests that the list names must fail. Not part of
# `make test`: about ten seconds a fault.
# Usage, from the repository's root:  bash tests/mutants.sh [part of a file's name]
#        bash tests/mutants.sh --check   only asks whether the list fits the sources
# Exit status: 0 if every fault was noticed; 1 if one survived, did not compile or
# is not found exactly once, or if the tests fail without any fault. Ctrl-C stops.
set -u
only=${1:-} check=
[ "$only" != --check ] || { only= check=yes; }
tree=build/mutants list=tests/mutants.txt
file=() tests=() find=() put=()

die() { echo "mutants: $*" >&2; exit 1; }

# Lines: "@ FILE TEST…" opens a file's faults; "FIND ==> PUT" is one; # comments.
read_list() {
  local line current= names=
  while IFS= read -r line; do
    case $line in
      '' | '#'*) ;;
      '@ '*.cpp' '*) read -r _ current names <<<"$line" ;;
      *' ==> '*)
        [[ $current == *"$only"* ]] || continue
        file+=("$current") tests+=("$names") find+=("${line%% ==> *}") put+=("${line#* ==> }") ;;
      *) die "$list: cannot read the line: $line" ;;
    esac
  done <"$list"
  [ ${#file[@]} -gt 0 ] || die "$list has no fault for \"$only\""
}

# Every FIND occurs exactly once in its file, and every TEST is a file.
check_list() {
  local i name text rest bad=0
  for i in "${!file[@]}"; do
    [ -f "${file[i]}" ] || die "there is no ${file[i]}"
    for name in ${tests[i]}; do [ -f "tests/$name.cpp" ] || die "there is no tests/$name.cpp"; done
    text=$(<"${file[i]}")
    rest=${text/"${find[i]}"/}
    if [ "$rest" = "$text" ] || [ "${rest/"${find[i]}"/}" != "$rest" ]; then
      echo "${file[i]}: not found exactly once: ${find[i]}"
      bad=1
    fi
  done
  [ $bad = 0 ] || die "mend $list first"
}

# The sources, and what make has compiled already; an interrupted run's object is put right.
copy_tree() {
  mkdir -p "$tree/build" || exit 1
  find_kept | while IFS= read -r kept; do mv -f "$kept" "${kept%.kept}"; done
  rm -rf "$tree"/{kernels,tensor,nn,ddpm,tests} "$tree"/build/tests-*
  cp -a Makefile kernels tensor nn ddpm tests ./*.md "$tree" || exit 1
  cp -a build/flags "$tree/build/" 2>/dev/null  # else make would compile all again
  for variant in double float; do
    [ -d "$tree/build/$variant" ] || cp -a "build/$variant" "$tree/build/" 2>/dev/null
  done
}
find_kept() { find "$tree/build" -name '*.kept'; }

# build VARIANT: the test program of the cases that the list names, and what they
# share. (tests/equations/ is in the double one in any case.)
build() {
  local sources
  sources=$(cd "$tree" && ls tests/*.cpp | grep -v '^tests/test_'
            printf 'tests/%s.cpp\n' ${tests[@]} | grep -v '^tests/equations/')
  sources=$(sort -u <<<"$sources" | tr '\n' ' ')
  (cd "$tree" && make -j"$(getconf _NPROCESSORS_ONLN)" APART=yes TESTS="$sources" "build/tests-$1") >"$tree/log" 2>&1
}

# run VARIANT TEST…: the cases of tests/TEST.cpp, up to the first failure.
run() {
  local names
  names=$(printf '*tests/%s.cpp,' "${@:2}")
  (cd "$tree" && timeout 120 "build/tests-$1" -sf="$names" -aa=1) >"$tree/log" 2>&1
}

# Without a fault all tests pass, and every line of the list names some, in one of the
# two programs at least.
control() {
  local variant names seen=
  for variant in double float; do
    echo "building tests-$variant without a fault …"
    build $variant || { tail -20 "$tree/log"; die "the sources do not compile"; }
    echo "  $(grep -c ' -c ' "$tree/log") files were compiled, the rest was there"
    while IFS= read -r names; do
      run $variant $names || { tail -20 "$tree/log"; die "without a fault the tests fail: $names"; }
      grep -q 'test cases: *0 ' "$tree/log" || seen+="<$names>"
    done < <(printf '%s\n' "${tests[@]}" | sort -u)
  done
  for names in "${tests[@]}"; do [[ $seen == *"<$names>"* ]] || die "no such test: $names"; done
}

# The first failing case, for the report.
noticed_by() { sed -n 's/^TEST CASE: *//p' "$tree/log" | head -1; }

# mutate I: says what became of fault I in $verdict.
mutate() {
  local i=$1 variant object text
  text=$(<"${file[i]}")
  printf '%s\n' "${text/"${find[i]}"/"${put[i]}"}" >"$tree/${file[i]}"
  verdict=SURVIVED
  for variant in double float; do
    object=$tree/build/$variant/${file[i]%.cpp}.o
    [ -f "$object" ] || continue  # what reads files and options is in the float program alone
    mv "$object" "$object.kept"
    if ! build $variant; then
      verdict="DID NOT COMPILE"
    elif ! run $variant ${tests[i]}; then
      verdict="killed by: $(noticed_by)"
    fi
    mv -f "$object.kept" "$object"
    [ "$verdict" = SURVIVED ] || break
  done
  cp -p "${file[i]}" "$tree/${file[i]}"
}

read_list
check_list
[ -z "$check" ] || exit 0
copy_tree
control
begin=$SECONDS survivors=0
for i in "${!file[@]}"; do
  mutate "$i"
  case $verdict in killed*) ;; *) survivors=$((survivors + 1)) ;; esac
  count=$((i + 1)) left=$(((SECONDS - begin) * (${#file[@]} - i - 1) / (i + 1)))
  printf '%3d/%d  ~%d min left  %s: %s ==> %s\n    %s\n' $count ${#file[@]} $(((left + 59) / 60)) \
    "${file[i]}" "${find[i]}" "${put[i]}" "$verdict"
done
echo "mutants: ${#file[@]} faults, $((${#file[@]} - survivors)) killed, $survivors not"
[ $survivors = 0 ]
