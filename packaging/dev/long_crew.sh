#!/usr/bin/env bash
# A group of six and a service with state under WEFT_CREW_EVENTS (1000000) events and kills, then with poison under each policy.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build release weft_cli crew_worker counting_service
export WEFT_CREW_EVENTS=${WEFT_CREW_EVENTS:-1000000} WEFT_BINARY_DIR=$PWD/build/release PYTHONDONTWRITEBYTECODE=1
cd tests/system # by itself: ctest would end it after the time that fewer events may take
exec python3 -m unittest --verbose crew_test
