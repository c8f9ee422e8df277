#!/bin/sh
# Writes Sources/CKServe's C sources from kserve.proto, with protoc-c of Debian's protobuf-c-compiler.
#   --check   compares with what is committed instead, and fails on a difference
set -eu
cd "$(dirname "$0")/.."
target=Sources/CKServe

case ${1:-} in
'' | --check) ;;
*) echo "usage: $0 [--check]" >&2; exit 2 ;;
esac
command -v protoc-c >/dev/null || { echo "generate-proto: protoc-c is missing (protobuf-c-compiler)" >&2; exit 1; }

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
protoc-c --fatal_warnings --proto_path="$target/proto" --c_out="$out" kserve.proto

if [ "${1:-}" = --check ]; then
    diff -u "$target/kserve.pb-c.c" "$out/kserve.pb-c.c"
    diff -u "$target/include/kserve.pb-c.h" "$out/kserve.pb-c.h"
else
    mkdir -p "$target/include"
    cp "$out/kserve.pb-c.c" "$target/kserve.pb-c.c"
    cp "$out/kserve.pb-c.h" "$target/include/kserve.pb-c.h"
fi
