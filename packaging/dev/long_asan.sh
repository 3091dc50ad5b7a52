#!/usr/bin/env bash
# Every test under the address and undefined-behaviour sanitizers. More options go to ctest.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build asan
exec ctest --preset asan "$@"
