#!/usr/bin/env bash
# Analyses the whole dev set with `gateway analyze --jsonl` through a live Triton and prints the tables of
# docs/evaluation.md that are about it.
#   ESSAYS_DIR (../shared/data/essays) holds dev.jsonl.
set -euo pipefail
cd "$(dirname "$0")/.."
essays=${ESSAYS_DIR:-../shared/data/essays}
[ -r "$essays/dev.jsonl" ] || { echo "evaluate: cannot read $essays/dev.jsonl; ESSAYS_DIR names its folder" >&2; exit 1; }

scripts/install-debian.sh
scripts/make-venv.sh requirements-test.txt
swift build -c release --product gateway
started=
[ -f .run/triton.pid ] && kill -0 "$(cat .run/triton.pid)" 2>/dev/null || started=yes
eval "$(scripts/triton-up.sh)"
[ -z "$started" ] || trap 'scripts/triton-down.sh' EXIT
mkdir -p .run
.build/release/gateway analyze --jsonl --triton "$TRITON_HTTP_URL" <"$essays/dev.jsonl" >.run/dev.analyzed.jsonl
.venv/bin/python -m training evaluate .run/dev.analyzed.jsonl --essays "$essays/dev.jsonl"
