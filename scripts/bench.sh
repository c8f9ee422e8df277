#!/usr/bin/env bash
# Builds the benchmarks, runs them and the libraries they are compared with on one core, and prints Markdown; then what an
# essay costs with all models, on all cores (docs/essay-cost.md with --write).
#   scripts/bench.sh [--write FILE] [section…]      sections: tokenizer, features, cost
#   ESSAYS_DIR (../shared/data/essays) holds dev.jsonl; BENCH_CORE is the core, the last one unless given.
set -euo pipefail
cd "$(dirname "$0")/.."
essays=$(realpath -m "${ESSAYS_DIR:-../shared/data/essays}/dev.jsonl")
[ -r "$essays" ] || { echo "bench: cannot read $essays; ESSAYS_DIR names the folder that holds dev.jsonl" >&2; exit 1; }
core=${BENCH_CORE:-$(($(nproc) - 1))}

cost() {
    scripts/install-debian.sh >&2
    scripts/make-venv.sh requirements.txt >&2
    [ -n "${GATEWAY_BIN:-}" ] || swift build -c release --product gateway >&2
    export TRITON_RUN_DIR=.run/bench TRITON_HTTP_PORT=18200 TRITON_GRPC_PORT=18201 TRITON_METRICS_PORT=18202
    trap 'scripts/triton-down.sh >&2' EXIT
    scripts/triton-up.sh >&2
    .venv/bin/python Benchmarks/essay_cost.py --gateway "${GATEWAY_BIN:-.build/release/gateway}" \
        --triton "grpc://127.0.0.1:$TRITON_GRPC_PORT" --essays "$essays" "$@"
}
if [ "${1:-}" = cost ]; then cost "${@:2}"; exit; fi

scripts/make-venv.sh Benchmarks/requirements.txt .venv-bench >&2
# SwiftPM does not notice a source file that is renamed in a package beside this one: it must plan anew.
rm -f Benchmarks/.build/release.yaml
swift build --package-path Benchmarks -c release --product bench >&2
bench=$(swift build --package-path Benchmarks -c release --show-bin-path)/bench
taskset -c "$core" .venv-bench/bin/python Benchmarks/compare.py --bench "$bench" --essays "$essays" "$@"
case "$*" in
"") cost ;;
"--write "*) [ $# -gt 2 ] || cost --write docs/essay-cost.md ;;
esac
