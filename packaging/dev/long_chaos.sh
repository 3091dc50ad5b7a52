#!/usr/bin/env bash
# Five nodes, 20,000 events/s, one node killed every 20 s and restarted, one with its disk wiped, for WEFT_CHAOS_SECONDS (300): acknowledged
# at two copies, or another class of chaos_test. Prints the consumers' longest waits and each node's memory. `calm` kills none, for
# 900 s, acknowledged as synced: memory may not grow.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build dev
class=${1:-ChaosWithCopiesTest}
if [[ $class == calm ]]; then
  class=ChaosTest
  export WEFT_CHAOS_KILL_EVERY=0 WEFT_CHAOS_SECONDS=${WEFT_CHAOS_SECONDS:-900}
fi
export WEFT_CHAOS_SECONDS=${WEFT_CHAOS_SECONDS:-300} WEFT_CHAOS_RATE=${WEFT_CHAOS_RATE:-20000}
export WEFT_CHAOS_KILL_EVERY=${WEFT_CHAOS_KILL_EVERY:-20} WEFT_BINARY_DIR=$PWD/build/dev PYTHONDONTWRITEBYTECODE=1
cd tests/system # by itself: ctest would end it after the time that a short run may take
exec python3 -m unittest --verbose "chaos_test.$class"
