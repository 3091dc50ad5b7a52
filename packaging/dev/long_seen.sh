#!/usr/bin/env bash
# What goes wrong in a mesh is seen in the monitor's window within WEFT_SEEN_WITHIN_S (3) seconds, WEFT_SEEN_ROUNDS (5) times. On a machine at rest.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build dev
export WEFT_SEEN_WITHIN_S=${WEFT_SEEN_WITHIN_S:-3} WEFT_BINARY_DIR=$PWD/build/dev PYTHONDONTWRITEBYTECODE=1
cd tests/system # by itself: other tests would take its time
for ((round = 1; round <= ${WEFT_SEEN_ROUNDS:-5}; ++round)); do
  python3 -m unittest screen_test.SeenTest screen_test.CutLinkTest
done
