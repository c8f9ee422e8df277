#!/usr/bin/env bash
# Statistics of every feature, human against AI, through a live Triton: docs/feature-statistics.md, docs/plots and
# training/.cache/references.json. Arguments go to training/feature_report.py (--help).
#   ESSAYS_DIR (../shared/data/essays) holds train.jsonl.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-debian.sh
scripts/make-venv.sh requirements.txt
scripts/make-venv.sh training/requirements-report.txt
scripts/debian-texts.sh training/.cache/debian
swift build -c release --product gateway
started=
[ -f .run/triton.pid ] && kill -0 "$(cat .run/triton.pid)" 2>/dev/null || started=yes
eval "$(scripts/triton-up.sh)"
[ -z "$started" ] || trap 'scripts/triton-down.sh' EXIT
essays=()
[ -z "${ESSAYS_DIR:-}" ] || essays=(--essays "$ESSAYS_DIR/train.jsonl")
.venv/bin/python -m training.feature_report --triton "$TRITON_HTTP_URL" "${essays[@]}" "$@"
