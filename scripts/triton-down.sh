#!/bin/sh
# Stops the server that scripts/triton-up.sh started in TRITON_RUN_DIR (.run). Not running: says so and exits 0.
set -eu
cd "$(dirname "$0")/.."
run=${TRITON_RUN_DIR:-.run}
pid=$(cat "$run/triton.pid" 2>/dev/null || true)
if [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null; then
    rm -f "$run/triton.pid"
    echo "triton-down: not running"
    exit 0
fi

# The pid file may outlive its process: never signal a stranger that inherited the number.
case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
*tritonserver*) ;;
*) rm -f "$run/triton.pid"; echo "triton-down: process $pid is not tritonserver; left alone" >&2; exit 0 ;;
esac

kill -TERM "$pid"
kill -CONT "$pid" 2>/dev/null || true # one that a test stopped cannot hear the other signal
waited=0
while kill -0 "$pid" 2>/dev/null; do
    waited=$((waited + 1))
    if [ "$waited" -gt 100 ]; then
        echo "triton-down: process $pid did not stop within 20 s; killed" >&2
        kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
        break
    fi
    sleep 0.2
done
rm -f "$run/triton.pid"
echo "triton-down: stopped"
