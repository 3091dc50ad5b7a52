#!/usr/bin/env bash
# samples/quickstart and samples/cookbook are built and run against the installed release, with the build tree moved away and a bare environment.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
./run build release
exec packaging/dev/outside_project.py build/release --move-away
