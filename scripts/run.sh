#!/usr/bin/env bash
# Builds the gateway, starts Triton and the gateway, prints an example request, and stops both on Ctrl-C.
#   GATEWAY_HOST (127.0.0.1), GATEWAY_PORT (8080), TRITON_URL (given: that server is used and none is started)
set -euo pipefail
cd "$(dirname "$0")/.."
host=${GATEWAY_HOST:-127.0.0.1}
port=${GATEWAY_PORT:-8080}

scripts/install-debian.sh
scripts/make-venv.sh requirements.txt
swift build -c release --product gateway

started=
if [ -z "${TRITON_URL:-}" ]; then
    [ -f .run/triton.pid ] && kill -0 "$(cat .run/triton.pid)" 2>/dev/null || started=yes
    urls=$(scripts/triton-up.sh)
    TRITON_URL=$(echo "$urls" | sed -n 's/^TRITON_HTTP_URL=//p')
fi
export TRITON_URL

gateway=
stop() {
    trap - INT TERM EXIT
    [ -z "$gateway" ] || { kill -TERM "$gateway" 2>/dev/null; wait "$gateway" 2>/dev/null; } || true
    [ -z "$started" ] || scripts/triton-down.sh
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A session of its own, so that Ctrl-C reaches the gateway once, through stop().
setsid .build/release/gateway serve --host "$host" --port "$port" &
gateway=$!
for _ in $(seq 100); do
    kill -0 "$gateway" 2>/dev/null || { wait "$gateway"; exit 1; }
    curl --silent --fail --output /dev/null "http://$host:$port/health/ready" && break
    sleep 0.2
done
curl --silent --fail --output /dev/null "http://$host:$port/health/ready" || {
    echo "run: the gateway is up but not ready:" >&2
    curl --silent "http://$host:$port/health/ready" >&2
}

cat <<TEXT

The gateway listens on http://$host:$port, Triton answers at $TRITON_URL. Open http://$host:$port/ in a browser, or try:

  curl -s http://$host:$port/v1/analyze -H 'Content-Type: application/json' -d @examples/request.json

Ctrl-C stops both.
TEXT
wait "$gateway"
