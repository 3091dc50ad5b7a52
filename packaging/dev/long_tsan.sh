#!/usr/bin/env bash
# The unit tests under the thread sanitizer, without those that run CAF. More options go to ctest.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build tsan
exec ctest --preset tsan "$@"
