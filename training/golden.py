"""Golden values for the integration tests: what torch, scipy and interpret compute, for comparing with what Triton answers.

    python -m training golden

Writes Tests/Integration/Fixtures/golden_logits.json. Transformer values are torch's in FP32 on the shipped (int8,
dequantised) weights, so that a difference is an error of export or serving, not of rounding weights. Values of a model
that the file has under the same fit id are kept: they need no checkpoint.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy
import torch

from .export import load_classifier, ngram_logits
from .fit_ensemble import configured
from .ngrams import NgramLine
from .places import CHECKPOINTS, FIXTURES
from .shipped_weights import as_shipped
from .train_ngrams import CHECKPOINT
from .transformer_models import CLASSIFIERS, load_encoder, load_tokenizer, sentence_embedding

TOLERANCE = 1e-4

# Written for this purpose; the shortest, ordinary prose, and one that fills a bucket.
TEXTS = [
    "Yes.",
    "The library closes at nine, so we walked back along the river and argued about the film.",
    "my freind say that homework is to much, and i am agree with him becuase we dont have time for sport",
    "In conclusion, it is essential to recognize that technology, when used responsibly, can foster meaningful "
    "connections and enhance the overall learning experience for students of all backgrounds.",
    " ".join(["Granite weathers slowly; the moss on the north wall is older than the house."] * 4),
]


def transformer_cases(kept: dict[str, list[dict]]) -> list[dict]:
    """Each text alone: token ids and the result of every transformer. `kept`: a classifier's earlier cases."""
    tokenizer = load_tokenizer()
    encoder = as_shipped(load_encoder().eval())
    classifiers = {name: as_shipped(load_classifier(name)) for name in CLASSIFIERS if name not in kept}
    line = NgramLine.load(CHECKPOINT)
    cases = []
    for number, text in enumerate(TEXTS):
        ids = tokenizer(text)["input_ids"]
        rows, mask = torch.tensor([ids]), torch.ones((1, len(ids)), dtype=torch.int64)
        with torch.no_grad():
            case = {"text": text, "input_ids": ids,
                    "embedding": sentence_embedding(encoder, rows, mask)[0].tolist()}
            case["ngram_classifier"] = ngram_logits(line, rows.numpy(), mask.numpy())[0].tolist()
            for name in CLASSIFIERS:
                case[name] = kept[name][number][name] if name in kept else classifiers[name](rows, mask)[0].tolist()
        cases.append(case)
    return cases


def unchanged(path: Path, fits: dict[str, str]) -> dict[str, list[dict]]:
    """The file's cases of each classifier whose fit id and texts are still the same."""
    if not path.exists():
        return {}
    old = json.loads(path.read_text(encoding="utf-8"))
    if [case["text"] for case in old["transformers"]] != TEXTS:
        return {}
    return {name: old["transformers"] for name in CLASSIFIERS if old["fit_ids"].get(name) == fits[name]}


def ebm_cases() -> list[dict]:
    """Feature rows between and exactly on the model's cuts, with interpret's logit and terms."""
    import joblib

    model = joblib.load(CHECKPOINTS / "ebm.joblib")
    cuts = [numpy.asarray(levels[0], dtype=float) for levels in model.bins_]
    rows = [[float(numpy.quantile(entry, share)) if len(entry) else 0.0 for entry in cuts]
            for share in (0.1, 0.5, 0.9)]
    rows.append([float(entry[len(entry) // 3]) if len(entry) else 0.0 for entry in cuts])
    values = numpy.array(rows)
    logits, terms = model.decision_function(values), model.eval_terms(values)
    return [{"features": row, "logit": float(logit), "scores": [float(score) for score in scores]}
            for row, logit, scores in zip(rows, logits, terms)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=FIXTURES / "golden_logits.json")
    options = parser.parse_args()
    models = ["sentence_encoder", *CLASSIFIERS, "ngram_classifier", "ebm"]
    fits = {name: configured(name, "fit_id") for name in models}
    golden = {
        "tolerance": TOLERANCE, "fit_ids": fits, "transformers": transformer_cases(unchanged(options.output, fits)),
        "ebm": ebm_cases()}
    FIXTURES.mkdir(parents=True, exist_ok=True)
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump(golden, file, ensure_ascii=False, indent=None, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
