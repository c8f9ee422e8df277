#!/usr/bin/env bash
# Every test there is: Swift Testing (unit and integration), pytest (training, end to end), against a live Triton that
# is started here. No test is skipped: what a test needs is installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-debian.sh
# Beside the build, which has no use for it.
scripts/make-venv.sh requirements-test.txt &
environment=$!
# With optimisation, as what ships: megabytes of hostile text take minutes without. The end-to-end tests run this gateway.
flags=(-c release -Xswiftc -enable-testing)
swift build "${flags[@]}" --build-tests
wait "$environment"

# Ports and a run folder of its own, so that a server started by hand is left alone.
export TRITON_RUN_DIR=.run/test TRITON_HTTP_PORT=18000 TRITON_GRPC_PORT=18001 TRITON_METRICS_PORT=18002
trap 'scripts/triton-down.sh' EXIT
urls=$(scripts/triton-up.sh)
eval "export $(echo "$urls" | tr '\n' ' ')"

# One test at a time: statements about deadlines would be about the other tests otherwise.
# What failed stands once more at the end, where it is found.
swift test "${flags[@]}" --skip-build --no-parallel 2>&1 | tee .run/test/swift-test.log || {
    grep -aE '✘|FEATURES_TEST_SEED|crashed' .run/test/swift-test.log | cut -c1-2000
    exit 1
}
.venv/bin/python -m pytest -q --durations=15 training/tests Tests
