#!/usr/bin/env bash
# tests/outside_project is built and run against the installed release, with the build tree moved away and a bare environment.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build release
work=$(mktemp -d)
restore() {
  [[ ! -d build/release.away ]] || mv build/release.away build/release
  rm -rf -- "$work"
}
trap restore EXIT
cmake --install build/release --prefix "$work/installed" >"$work/install.log"
mv build/release build/release.away
cp -r tests/outside_project "$work/project"
bare() { env -i PATH=/usr/bin:/bin HOME="$work" "$@"; }
bare cmake -S "$work/project" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/installed"
bare cmake --build "$work/build"
bare ctest --test-dir "$work/build" --output-on-failure --no-tests=error
echo "outside-project: passed"
