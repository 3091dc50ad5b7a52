#!/usr/bin/env bash
# kill -9 of a publishing node, WEFT_KILL_ROUNDS (50) times under load; the tests that read that variable print what was found.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
export WEFT_KILL_ROUNDS=${WEFT_KILL_ROUNDS:-50}
export WEFT_TEST_DATA=${WEFT_TEST_DATA:-$PWD/../shared/data}
./run build dev
exec ctest --preset dev --tests-regex kill_loop --verbose --timeout 3600 "$@"
