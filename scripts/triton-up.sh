#!/bin/sh
# Starts NVIDIA's tritonserver (from the nvidia-pytriton wheel, no Docker) over the model repository, waits until every
# model is ready, and prints its URLs. Already up and ready: says so and exits 0.
#
#   TRITON_HTTP_PORT (8000), TRITON_GRPC_PORT (8001), TRITON_METRICS_PORT (8002)   all on 127.0.0.1
#   TRITON_MODEL_REPO (triton_model_repo), TRITON_RUN_DIR (.run: backends, log, pid)
#   TRITON_VENV (.venv)             an environment with requirements.txt, made here when it is missing
#   TRITON_EXTRA_ARGS               appended to tritonserver's arguments
#   TRITON_MODEL_CONTROL (explicit) explicit loads every model and allows load and unload; or poll, none
#   TRITON_START_TIMEOUT (60)       seconds
# Several may run at once with their own ports and run folders.
set -eu
cd "$(dirname "$0")/.."
http_port=${TRITON_HTTP_PORT:-8000}
grpc_port=${TRITON_GRPC_PORT:-8001}
metrics_port=${TRITON_METRICS_PORT:-8002}
repository=${TRITON_MODEL_REPO:-triton_model_repo}
run=${TRITON_RUN_DIR:-.run}
venv=${TRITON_VENV:-.venv}
control=${TRITON_MODEL_CONTROL:-explicit}
timeout=${TRITON_START_TIMEOUT:-60}

fail() { echo "triton-up: $*" >&2; exit 1; }
answers() { curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "http://127.0.0.1:$http_port/v2/health/$1"; }
print_urls() {
    echo "TRITON_HTTP_URL=http://127.0.0.1:$http_port"
    echo "TRITON_GRPC_URL=grpc://127.0.0.1:$grpc_port"
    echo "TRITON_METRICS_URL=http://127.0.0.1:$metrics_port/metrics"
}
command -v curl >/dev/null || fail "curl is missing (apt-get install curl)"
[ -d "$repository" ] || fail "no model repository at $repository"
mkdir -p "$run"
run=$(cd "$run" && pwd)
repository=$(cd "$repository" && pwd)

if [ -f "$run/triton.pid" ] && kill -0 "$(cat "$run/triton.pid")" 2>/dev/null; then
    if answers ready; then
        echo "triton-up: already up (pid $(cat "$run/triton.pid"))" >&2
        print_urls
        exit 0
    fi
    # Left behind by something that unloaded a model or stopped the process: a fresh server is what was asked for.
    echo "triton-up: process $(cat "$run/triton.pid") is not ready on port $http_port; starting again" >&2
    TRITON_RUN_DIR=$run scripts/triton-down.sh >&2
fi
if answers live; then fail "another server answers on port $http_port"; fi

if ! "$venv/bin/python" -c 'import pytriton, onnxruntime' 2>/dev/null; then
    scripts/make-venv.sh requirements.txt "$venv" >&2
fi
venv=$(cd "$venv" && pwd)

# Where the wheel, its bundled libraries and libpython are, asked of the interpreter itself.
tritonserver_home='' bundled_libraries='' site_packages='' python_version='' python_libraries='' libpython=''
eval "$("$venv/bin/python" - <<'PYTHON'
import importlib.util, os, shlex, sys, sysconfig
package = importlib.util.find_spec("pytriton").submodule_search_locations[0]
site = os.path.dirname(package)
version = "%d.%d" % sys.version_info[:2]
names = {
    "tritonserver_home": os.path.join(package, "tritonserver"),
    "bundled_libraries": os.path.join(site, "nvidia_pytriton.libs"),
    "site_packages": site,
    "python_version": version,
    "python_libraries": sysconfig.get_config_var("LIBDIR") or "",
    "libpython": "libpython%s.so.1.0" % version,
}
for name, value in names.items():
    print("%s=%s" % (name, shlex.quote(value)))
PYTHON
)"
[ -x "$tritonserver_home/bin/tritonserver" ] || fail "no tritonserver in $tritonserver_home"
[ -e "$python_libraries/$libpython" ] || ldconfig -p 2>/dev/null | grep -q "$libpython" ||
    fail "no $libpython (apt-get install libpython$python_version)"
stub="$tritonserver_home/python_backend_stubs/$python_version/triton_python_backend_stub"
[ -r "$stub" ] || fail "the wheel has no Python backend stub for Python $python_version"

# A backend folder: the wheel's Python backend with the stub of this Python, and ours for "onnxruntime".
backends="$run/backends"
rm -rf "$backends"
mkdir -p "$backends/python" "$backends/onnxruntime"
for file in libtriton_python.so triton_python_backend_utils.py; do
    cp "$tritonserver_home/backends/python/$file" "$backends/python/"
done
cp "$stub" "$backends/python/triton_python_backend_stub"
chmod 755 "$backends/python/triton_python_backend_stub"
cp scripts/local-triton/onnxruntime/model.py "$backends/onnxruntime/model.py"

set -- --model-repository "$repository" --backend-directory "$backends" --model-control-mode "$control" \
    --http-address 127.0.0.1 --http-port "$http_port" --grpc-address 127.0.0.1 --grpc-port "$grpc_port" \
    --metrics-address 127.0.0.1 --metrics-port "$metrics_port" --allow-gpu-metrics false
if [ "$control" = explicit ]; then set -- "$@" --load-model '*'; fi

# setsid: Ctrl-C in the terminal reaches the script that asked for a server, which then stops it in order.
# shellcheck disable=SC2086 # TRITON_EXTRA_ARGS is a list of words
LD_LIBRARY_PATH="$bundled_libraries:$python_libraries" PYTHONPATH="$site_packages" PATH="$venv/bin:$PATH" \
    OPENBLAS_NUM_THREADS=1 \
    setsid "$tritonserver_home/bin/tritonserver" "$@" ${TRITON_EXTRA_ARGS:-} >"$run/triton.log" 2>&1 </dev/null &
echo $! >"$run/triton.pid"

waited=0
until answers ready; do
    if ! kill -0 "$(cat "$run/triton.pid")" 2>/dev/null; then
        rm -f "$run/triton.pid"
        tail -n 40 "$run/triton.log" >&2
        fail "tritonserver exited; the log is $run/triton.log"
    fi
    waited=$((waited + 1))
    if [ "$waited" -gt $((timeout * 5)) ]; then
        tail -n 40 "$run/triton.log" >&2
        TRITON_RUN_DIR=$run scripts/triton-down.sh >&2 || true
        fail "not ready after $timeout s; the log is $run/triton.log"
    fi
    sleep 0.2
done
print_urls
