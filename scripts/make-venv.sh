#!/bin/sh
# Makes or updates a Python virtual environment from a requirements file; does nothing when it is already current.
#   scripts/make-venv.sh [requirements file, default requirements.txt] [folder, default .venv]
# PYTHON names the interpreter (default python3). nvidia-pytriton carries tritonserver for Python 3.8 to 3.13.
set -eu
cd "$(dirname "$0")/.."
requirements=${1:-requirements.txt}
folder=${2:-.venv}
python=${PYTHON:-python3}

[ -r "$requirements" ] || { echo "make-venv: cannot read $requirements" >&2; exit 1; }

# One requirements file may include another with -r: the stamp covers both.
included=$(sed -n 's/^-r *//p' "$requirements")
set -- "$requirements"
for file in $included; do set -- "$@" "$(dirname "$requirements")/$file"; done
stamp=$(cat "$@" | sha256sum | cut -d ' ' -f 1)

# One stamp a requirements file: an environment made from a file that includes another satisfies that one, too.
name=$(basename "$requirements" .txt)
if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/.stamp-$name" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi

[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
echo "$stamp" >"$folder/.stamp-$name"
for file in $included; do
    sha256sum "$(dirname "$requirements")/$file" | cut -d ' ' -f 1 >"$folder/.stamp-$(basename "$file" .txt)"
done
echo "make-venv: $folder is ready ($requirements)"
