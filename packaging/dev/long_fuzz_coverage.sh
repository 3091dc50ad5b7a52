#!/usr/bin/env bash
# How much of each decoder the fuzz targets reach, or those named: builds them with source-based coverage in build/fuzz-coverage,
# replays the first inputs and what ./run long fuzz has found (build/fuzz-corpus), and prints the branches of each decoder
# file. Fails below FUZZ_BRANCHES (90) percent. Debian's llvm-16 is installed when its tools are missing.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
if ! command -v llvm-profdata-16 >/dev/null || ! command -v llvm-cov-16 >/dev/null; then
  as_root=()
  [[ $(id -u) == 0 ]] || as_root=(sudo)
  "${as_root[@]}" apt-get install --yes --no-install-recommends llvm-16 >/dev/null
fi

tree=build/fuzz-coverage
mkdir -p "$tree"
cmake --preset fuzz -B "$tree" -D WEFT_SANITIZERS=fuzzer-no-link \
  -D CMAKE_CXX_FLAGS="-O1 -g1 -fprofile-instr-generate -fcoverage-mapping" >"$tree/configure.txt" ||
  { cat "$tree/configure.txt" >&2; exit 1; }
mapfile -t targets < <(packaging/dev/fuzz_coverage.py --list)
if (($#)); then targets=("$@"); fi
ninja -C "$tree" --quiet "${targets[@]}"

for target in "${targets[@]}"; do
  inputs=()
  for folder in "tests/fuzz/corpus/$target" "build/fuzz-corpus/$target"; do
    [[ ! -d $folder ]] || inputs+=("$folder")
  done
  ((${#inputs[@]})) || { echo "fuzz-coverage: $target has no inputs" >&2; exit 1; }
  echo "fuzz-coverage: $target"
  # The first folder is where libFuzzer would put new inputs; with -runs=0 there are none.
  LLVM_PROFILE_FILE=$tree/$target.profraw "$tree/bin/fuzz/$target" -runs=0 -rss_limit_mb=0 "${inputs[@]}" &>"$tree/$target.txt" ||
    { tail -n 40 "$tree/$target.txt"; exit 1; }
  llvm-profdata-16 merge -sparse "$tree/$target.profraw" -o "$tree/$target.profdata"
  llvm-cov-16 export "$tree/bin/fuzz/$target" -instr-profile="$tree/$target.profdata" -skip-functions >"$tree/$target.json"
done
packaging/dev/fuzz_coverage.py --mark "${FUZZ_BRANCHES:-90}" "$tree" "${targets[@]}"
