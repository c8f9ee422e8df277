#!/usr/bin/env bash
# Builds the benchmarks, runs them and the libraries they are compared with on one core, and prints Markdown.
#   scripts/bench.sh [--write FILE] [section…]
#   ESSAYS_DIR (../shared/data/essays) holds dev.jsonl; BENCH_CORE is the core, the last one unless given.
set -euo pipefail
cd "$(dirname "$0")/.."
essays=$(realpath "${ESSAYS_DIR:-../shared/data/essays}/dev.jsonl")
core=${BENCH_CORE:-$(($(nproc) - 1))}

scripts/make-venv.sh Benchmarks/requirements.txt .venv-bench >&2
# SwiftPM does not notice a source file that is renamed in a package beside this one: it must plan anew.
rm -f Benchmarks/.build/release.yaml
swift build --package-path Benchmarks -c release --product bench >&2
bench=$(swift build --package-path Benchmarks -c release --show-bin-path)/bench
exec taskset -c "$core" .venv-bench/bin/python Benchmarks/compare.py --bench "$bench" --essays "$essays" "$@"
