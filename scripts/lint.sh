#!/usr/bin/env bash
# Format, generated files, and unsafe code outside the files that may hold it.
set -euo pipefail
cd "$(dirname "$0")/.."

# The generators of word lists and golden values need the packages they take them from.
scripts/install-debian.sh
scripts/make-venv.sh requirements-test.txt
export PATH="$PWD/.venv/bin:$PATH"

swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

for generator in scripts/generate-*; do "$generator" --check; done

# Unsafe code lives only where C is touched: the client's handles, zlib, and the array that holds the tagger's and the parser's
# weights; strict memory safety makes every use say `unsafe`.
allowed='^(Sources/TritonClient/(HTTP|GRPC|IO)/|Sources/Features/(Compression/|Syntax/ModelBytes.swift)|Tests/TestSupport/)'
# Comments and the generated word lists, which hold the word itself, do not count.
offending=$(grep -rnwE 'unsafe|nonisolated\(unsafe\)|@unchecked' --include='*.swift' Sources Tests |
    grep -vE '/Generated/|^[^:]*:[0-9]+: *//' | cut -d : -f 1 | sort -u | grep -vE "$allowed" || true)
[ -z "$offending" ] || { echo "lint: unsafe code outside the files that touch C handles:" >&2; echo "$offending" >&2; exit 1; }

# Traps on untrusted data.
offending=$(grep -rnE 'try!|as!|fatalError\(' --include='*.swift' Sources || true)
[ -z "$offending" ] || { echo "lint: traps in Sources:" >&2; echo "$offending" >&2; exit 1; }
echo "lint: clean"
