#!/usr/bin/env bash
# kill -9 of a publishing node, WEFT_KILL_ROUNDS (50) times under load; the test prints what was acknowledged and what was found.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build dev
export WEFT_KILL_ROUNDS=${WEFT_KILL_ROUNDS:-50} WEFT_BINARY_DIR=$PWD/build/dev PYTHONDONTWRITEBYTECODE=1
cd tests/system # by itself: ctest would end it after the time that a few rounds may take
exec python3 -m unittest --verbose kill_loop_test
