#!/usr/bin/env bash
# schemathesis over the OpenAPI document of a running gateway: no 5xx, and no reply that the document does not name.
#   MINUTES (10), or SECONDS_TO_RUN: how long
#   GATEWAY_URL       the gateway to ask; none: `.build/release/gateway` (or GATEWAY_BIN) is started, with a Triton
#   API_FUZZ_SEED     the same requests again; none: others each time
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/make-venv.sh requirements-test.txt
seconds=${SECONDS_TO_RUN:-$((${MINUTES:-10} * 60))}

if [ -z "${GATEWAY_URL:-}" ]; then
    port=${GATEWAY_PORT:-18090}
    export TRITON_RUN_DIR=${TRITON_RUN_DIR:-.run/api-fuzz}
    export TRITON_HTTP_PORT=${TRITON_HTTP_PORT:-18091} TRITON_GRPC_PORT=${TRITON_GRPC_PORT:-18092}
    export TRITON_METRICS_PORT=${TRITON_METRICS_PORT:-18093}
    gateway=
    stop() {
        [ -z "$gateway" ] || { kill -TERM "$gateway" && wait "$gateway"; } || echo "api-fuzz: the gateway died" >&2
        scripts/triton-down.sh
    }
    trap stop EXIT
    triton=$(scripts/triton-up.sh | sed -n 's/^TRITON_HTTP_URL=//p')
    "${GATEWAY_BIN:-.build/release/gateway}" serve --triton "$triton" --port "$port" 2>"$TRITON_RUN_DIR/gateway.log" &
    gateway=$!
    GATEWAY_URL=http://127.0.0.1:$port
    curl --silent --fail --output /dev/null --retry 50 --retry-delay 1 --retry-all-errors "$GATEWAY_URL/health/ready"
fi

seed=()
[ -z "${API_FUZZ_SEED:-}" ] || seed=(--seed "$API_FUZZ_SEED")
# Not 'a valid body is accepted': that a text is empty once its markup is gone is a declared 422, and beyond a schema.
.venv/bin/schemathesis run "$GATEWAY_URL/openapi.json" --url "$GATEWAY_URL" --checks all \
    --exclude-checks positive_data_acceptance --max-time "$seconds" \
    --wait-for-schema 30 --continue-on-failure --request-timeout 60 --no-color "${seed[@]}"
