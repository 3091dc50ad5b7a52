#!/usr/bin/env bash
# Each fuzz target, or those named, for FUZZ_SECONDS (300). Inputs found stay in build/fuzz-corpus/TARGET, crashes beside them.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
seconds=${FUZZ_SECONDS:-300}
./run build fuzz fuzzers
shopt -s nullglob
targets=(build/fuzz/bin/fuzz/*)
if (($#)); then targets=("${@/#/build/fuzz/bin/fuzz/}"); fi
((${#targets[@]})) || { echo "fuzz: there is no target in build/fuzz/bin/fuzz" >&2; exit 1; }
failed=()
for target in "${targets[@]}"; do
  name=${target##*/}
  corpus=build/fuzz-corpus/$name
  mkdir -p "$corpus"
  seeds=()
  [[ ! -d tests/fuzz/corpus/$name ]] || seeds=("tests/fuzz/corpus/$name")
  echo "fuzz: $name for $seconds s"
  if ! "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="$corpus-" "$corpus" "${seeds[@]}" &>"$corpus.txt"; then
    tail -n 40 "$corpus.txt"
    failed+=("$name")
  fi
  sed -n 's/^stat::number_of_executed_units: */fuzz: '"$name"' runs: /p' "$corpus.txt"
done
echo "fuzz: ${#targets[@]} targets, ${#failed[@]} with a finding${failed[*]:+: ${failed[*]}}"
((!${#failed[@]}))
