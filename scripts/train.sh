#!/usr/bin/env bash
# From essays to the models that Triton serves and the figures of docs/evaluation.md: every step of training/, in order.
#
#   QUICK=1      a small sample and small settings, in minutes, into .run/train: shows that the chain holds together
#   ESSAYS_DIR   folder with train.jsonl and dev.jsonl (../shared/data/essays)
#   GATEWAY_BIN  the gateway's executable, where it is built already
# Without QUICK the repository's own files are written: triton_model_repo/, the scoring file, golden values, docs.
set -euo pipefail
cd "$(dirname "$0")/.."
essays=$(realpath -m "${ESSAYS_DIR:-../shared/data/essays}")
for file in train dev; do
    [ -r "$essays/$file.jsonl" ] || {
        echo "train: cannot read $essays/$file.jsonl; ESSAYS_DIR names the folder" >&2
        exit 1
    }
done
quick=${QUICK:-}

scripts/install-debian.sh
scripts/make-venv.sh requirements-test.txt
scripts/make-venv.sh training/requirements.txt .venv-train
scripts/debian-texts.sh training/.cache/debian
[ -n "${GATEWAY_BIN:-}" ] || swift build -c release --product gateway
export GATEWAY_BIN=${GATEWAY_BIN:-$PWD/.build/release/gateway}

# Ports and a run folder of its own, so that a server started by hand is left alone.
export TRITON_RUN_DIR=.run/train/triton TRITON_HTTP_PORT=18100 TRITON_GRPC_PORT=18101 TRITON_METRICS_PORT=18102
triton=http://127.0.0.1:$TRITON_HTTP_PORT
trap 'scripts/triton-down.sh' EXIT

if [ -n "$quick" ]; then
    rm -rf .run/train/output
    export TRAINING_OUTPUT=$PWD/.run/train/output
    prepare=(--share 0.06 --limit 40 --calibration-ai 50 --unseen 8 --longest 96)
    transformer=(--layers 1)
    cross_fit=(--crops 160 --texts 200 --layers 1 --interactions 0 --max-rounds 20 --watched 20)
    ebm=(--limit 300 --interactions 2 --outer-bags 2 --max-bins 32 --max-rounds 50)
    report=(--limit 20 --ebm-limit 300)
    cache=$TRAINING_OUTPUT/cache repository=$TRAINING_OUTPUT/triton_model_repo
    scoring=$TRAINING_OUTPUT/scoring.json documents=$TRAINING_OUTPUT/docs
    attacks=(--limit 5)
else
    prepare=() transformer=() cross_fit=() ebm=() report=() attacks=()
    cache=training/.cache repository=triton_model_repo
    scoring=Sources/Gateway/Resources/scoring.json documents=docs
fi
train() { echo "== $*" >&2; .venv-train/bin/python -m training "$@"; }
analyze() { SCORING_FILE=$scoring "$GATEWAY_BIN" analyze --jsonl --triton "$triton"; }

train prepare --essays "$essays" "${prepare[@]}"
train train-bilstm "${transformer[@]}"
train train-classifier "${transformer[@]}"
train train-ngrams
train export
# Features need the sentence encoder, which is not trained: what has just been exported serves them.
TRITON_MODEL_REPO=$repository scripts/triton-up.sh
train train-ebm --triton "$triton" "${ebm[@]}"
train global-explanation
train feature-report --essays "$essays/train.jsonl" --triton "$triton" --output "$documents/feature-statistics.md" \
    --plots "$documents/plots" "${report[@]}"
train cross-fit --triton "$triton" "${cross_fit[@]}"
train fit-ensemble
train golden

# The new models, served, with the new scoring file, through the gateway.
scripts/triton-down.sh
TRITON_MODEL_REPO=$repository scripts/triton-up.sh
if [ -n "$quick" ]; then
    head -n 40 "$essays/dev.jsonl" >"$cache/dev.jsonl"
else
    cp "$essays/dev.jsonl" "$cache/dev.jsonl"
fi
analyze <"$cache/dev.jsonl" >"$cache/dev.analyzed.jsonl"
answers=$(grep -c '"probability_ai"' "$cache/dev.analyzed.jsonl" || true) essays_sent=$(wc -l <"$cache/dev.jsonl")
[ "$answers" -eq "$essays_sent" ] || {
    echo "train: the new models answered $answers of $essays_sent essays: see $cache/dev.analyzed.jsonl" >&2
    exit 1
}
train attacks --essays "$cache/dev.jsonl" "${attacks[@]}"
analyze <"$cache/attacks.jsonl" >"$cache/attacks.analyzed.jsonl"
train evaluate "$cache/dev.analyzed.jsonl" --essays "$cache/dev.jsonl"
train report --essays "$cache/dev.jsonl" --output "$documents/evaluation.md"
if [ -z "$quick" ]; then
    scripts/generate-scoring.py
    echo "The scoring file is a part of the gateway: build it anew (make run, make test)." >&2
fi
