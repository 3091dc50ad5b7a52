#!/usr/bin/env bash
# WEFT_SIM_SEEDS (20,000) simulated runs over all scenarios, from seed WEFT_SIM_FIRST (1); a failure is printed with what replays it.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
exec nice -n 10 ./run sim --dev --marks --seed "${WEFT_SIM_FIRST:-1}" --seeds "${WEFT_SIM_SEEDS:-20000}"
