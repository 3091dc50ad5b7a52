#!/usr/bin/env bash
# Each fuzz target, or those named, for FUZZ_SECONDS (300). Inputs found stay in build/fuzz-corpus/TARGET, crashes beside them.
# Before that their twins with a planted bug: one that is not found within 60 s, from the first inputs alone, is a failure.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
seconds=${FUZZ_SECONDS:-300}
./run build fuzz fuzzers
shopt -s nullglob
names=("$@")
if (($# == 0)); then names=(build/fuzz/bin/fuzz/*) && names=("${names[@]##*/}"); fi
((${#names[@]})) || { echo "fuzz: there is no target in build/fuzz/bin/fuzz" >&2; exit 1; }
limits=(-rss_limit_mb=2048 -timeout=10)
mkdir -p build/fuzz-corpus

# first_inputs NAME: the folder of the target's first inputs, when it has one.
first_inputs() { [[ ! -d tests/fuzz/corpus/$1 ]] || printf '%s\n' "tests/fuzz/corpus/$1"; }

missed=()
for name in "${names[@]}"; do
  planted=build/fuzz/bin/fuzz_planted/$name
  [[ -x $planted ]] || { echo "fuzz: $name has no planted bug" >&2; missed+=("$name"); continue; }
  found=build/fuzz-corpus/planted-$name
  rm -rf -- "$found"
  mkdir -p "$found"
  mapfile -t seeds < <(first_inputs "$name")
  started=$SECONDS status=0
  "$planted" -max_total_time=60 "${limits[@]}" -artifact_prefix="$found/" "$found" "${seeds[@]}" &>"$found.txt" || status=$?
  if ((status)) && compgen -G "$found/crash-*" >/dev/null; then
    echo "fuzz: $name: the planted bug was found in $((SECONDS - started)) s"
  else
    echo "fuzz: $name: the planted bug was not found in 60 s"
    missed+=("$name")
  fi
done

failed=()
for name in "${names[@]}"; do
  corpus=build/fuzz-corpus/$name
  mkdir -p "$corpus"
  mapfile -t seeds < <(first_inputs "$name")
  echo "fuzz: $name for $seconds s"
  if ! "build/fuzz/bin/fuzz/$name" -max_total_time="$seconds" "${limits[@]}" -print_final_stats=1 \
      -artifact_prefix="$corpus-" "$corpus" "${seeds[@]}" &>"$corpus.txt"; then
    tail -n 40 "$corpus.txt"
    failed+=("$name")
  fi
  sed -n 's/^stat::number_of_executed_units: */fuzz: '"$name"' runs: /p' "$corpus.txt"
done
echo "fuzz: ${#names[@]} targets, ${#missed[@]} planted bugs not found${missed[*]:+: ${missed[*]}}," \
  "${#failed[@]} with a finding${failed[*]:+: ${failed[*]}}"
((!${#missed[@]} && !${#failed[@]}))
