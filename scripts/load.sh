#!/usr/bin/env bash
# Load tests: Triton alone by perf_analyzer, the gateway against the same calls without it, the gateway's ceiling.
#   scripts/load.sh [--output docs/load.md] [--quick] [--rates 1 2 4] …    (python -m scripts.load --help)
#   ESSAYS_DIR (../shared/data/essays) holds dev.jsonl; GATEWAY_BIN is measured instead of a fresh release build.
# Leave the machine alone meanwhile: some 7 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
essays=${ESSAYS_DIR:-../shared/data/essays}/dev.jsonl
[ -r "$essays" ] || { echo "load: cannot read $essays; ESSAYS_DIR names the folder that holds dev.jsonl" >&2; exit 1; }

scripts/install-debian.sh
scripts/make-venv.sh requirements-test.txt
[ -n "${GATEWAY_BIN:-}" ] || swift build -c release --product gateway >&2
exec .venv/bin/python -m scripts.load --gateway "${GATEWAY_BIN:-.build/release/gateway}" --essays "$essays" "$@"
