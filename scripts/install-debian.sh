#!/bin/sh
# Installs the Debian packages that building, the local Triton and the tests need; does nothing when they are there.
set -eu
packages="libcurl4-openssl-dev libprotobuf-c-dev libgrpc-dev protobuf-c-compiler zlib1g-dev pkg-config
    python3 python3-venv libpython3-dev libb64-0d curl make docker-compose prometheus chromium openssl linux-perf"
# shellcheck disable=SC2086 # a list of words
missing=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' $packages 2>/dev/null |
    awk -v all="$packages" '$2 == "installed" { have[$1] = 1 } END { n = split(all, want); for (i = 1; i <= n; i++) if (!(want[i] in have)) print want[i] }')
[ -n "$missing" ] || exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "install-debian: installing" $missing
$sudo apt-get update -q
# Debian starts a service as soon as its package is installed; tests start their own, on ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod 755 "$policy"
    trap '$sudo rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing
