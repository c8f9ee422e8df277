"""`python -m training COMMAND …`: the steps from essays to the models that Triton serves, in their order.

    prepare            essays → texts to train on, crops of tokens, texts to measure on
    train-bilstm       → checkpoint of bert_bilstm
    train-classifier   → checkpoint of bert_classifier
    train-ngrams       → checkpoint of ngram_classifier
    export             → triton_model_repo/{sentence_encoder,bert_bilstm,bert_classifier,ngram_classifier}
    train-ebm          → triton_model_repo/ebm
    global-explanation → the EBM's shapes, for GET /v1/explain/global
    cross-fit          → logits of texts by models that were not trained on them, or not on their source
    feature-report     → references of the explanations, docs/feature-statistics.md
    fit-ensemble       → the gateway's scoring.json
    golden             → expected values of the integration tests
    attacks            → dev's AI texts, changed as somebody would who wants to pass
    evaluate           → tables of what the gateway answered
    report             → docs/evaluation.md and its plots
    runtime-options    → docs/runtime-options.md: the exported models in other ways of running them

`make train` runs them all but the last. Each takes --help.
"""

from __future__ import annotations

import importlib
import sys

COMMANDS = {
    "prepare": "prepare", "train-bilstm": "train_bilstm", "train-classifier": "train_classifier",
    "train-ngrams": "train_ngrams", "export": "export", "train-ebm": "train_ebm",
    "global-explanation": "global_explanation", "cross-fit": "cross_fit",
    "feature-report": "feature_report", "fit-ensemble": "fit_ensemble", "golden": "golden", "attacks": "attacks",
    "evaluate": "evaluate", "report": "report", "runtime-options": "runtime_options"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if command in ("-h", "--help"):
        print(__doc__)
        return
    if command not in COMMANDS:
        sys.exit(f"no command {command!r}; there are {', '.join(COMMANDS)}")
    sys.argv = [f"{sys.argv[0]} {command}", *sys.argv[2:]]
    importlib.import_module(f"training.{COMMANDS[command]}").main()


if __name__ == "__main__":
    main()
