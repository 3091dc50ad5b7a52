#!/usr/bin/env bash
# WEFT_SLOW_MIB (1024) MiB published while a consumer stands still: its program, then its node. Prints the source's memory and its limit.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build dev
export WEFT_SLOW_MIB=${WEFT_SLOW_MIB:-1024} WEFT_BINARY_DIR=$PWD/build/dev PYTHONDONTWRITEBYTECODE=1
cd tests/system # by itself: ctest would end it after the time that a small amount may take
exec python3 -m unittest --verbose slow_consumer_test
