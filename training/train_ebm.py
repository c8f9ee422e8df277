"""Trains the explainable boosting machine on the gateway's own features and writes triton_model_repo/ebm.

    python -m training.train_ebm --triton http://127.0.0.1:8000

Features come from `gateway features --jsonl` (GATEWAY_BIN), names and order from `gateway features --schema`; the
server is asked for sentence embeddings only. Half of the texts are cut to a random run of sentences, with lengths drawn
alike for both labels: otherwise counts of words and sentences would tell the sources apart instead of the writers.
Also writes training/.cache/references.json: the features' quantiles over whole texts, for explanations.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
from pathlib import Path

import numpy
import onnxruntime

from . import splits
from .gateway_tool import command, run_jsonl
from .metrics import area_under_roc
from .model_repository import TensorSpec, write_model
from .noise import with_slips
from .places import CACHE, CHECKPOINTS
from .prepare import NOISY_SHARE, read_essays
from .stacking import source_weights

SEED = 41
INTERACTIONS = 10
SHORTEST_WORDS, LONGEST_WORDS = 60, 350
AGREEMENT = 1e-5
"""Shipped file against interpret's own decision function, in logits, relative to max(1, |logit|)."""
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“(])")


def schema(executable: list[str]) -> dict:
    """{"hash": "...", "names": [...]}: the order in which the EBM takes its features."""
    answer = subprocess.run([*executable, "features", "--schema"], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def cut(text: str, chance: random.Random) -> str:
    """A run of whole sentences of about a random number of words; the text itself when it is no longer."""
    wanted = chance.randint(SHORTEST_WORDS, LONGEST_WORDS)
    sentences = SENTENCE_END.split(text)
    sizes = [len(sentence.split()) for sentence in sentences]
    if sum(sizes) <= wanted or len(sentences) < 4:
        return text
    latest, remaining = 0, sum(sizes)
    while latest < len(sizes) - 1 and remaining - sizes[latest] >= wanted:
        remaining -= sizes[latest]
        latest += 1
    start = chance.randint(0, latest)
    end, words = start, 0
    while end < len(sizes) and words < wanted:
        words += sizes[end]
        end += 1
    return " ".join(sentences[start:end])


def variants(essays: list[dict], seed: int) -> list[dict]:
    """One row a text: half whole, half cut, some with slips. `whole` marks what references are made of."""
    rows = []
    for essay in essays:
        chance = random.Random(f"{seed} {essay['id']}")
        whole, noisy = chance.random() < 0.5, chance.random() < NOISY_SHARE[essay["label"]]
        text = essay["text"] if whole else cut(essay["text"], chance)
        rows.append({**essay, "text": with_slips(text, chance) if noisy else text, "whole": whole and not noisy})
    return rows


def feature_rows(essays: list[dict], names: list[str], triton: str, executable: list[str], cache: Path) -> list[dict]:
    """The essays that the gateway has features for, with `features` in the order of `names`; kept in a file, as
    embeddings of every sentence take minutes."""
    if not cache.exists():
        answers = run_jsonl(["features", "--jsonl", "--triton", triton], essays, len(essays), executable)
        partial = cache.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(answer) + "\n" for answer in answers)
        partial.rename(cache)
    rows, failed = [], 0
    for essay, answer in zip(essays, read_essays(cache), strict=True):
        if answer["id"] != essay["id"]:
            raise ValueError(f"{cache} is of other essays; delete it")
        values = answer.get("features")
        if values is None or any(values.get(name) is None for name in names):
            failed += 1
            continue
        rows.append({**essay, "features": [float(values[name]) for name in names]})
    print(f"features of {len(rows)} texts; {failed} texts have none (too short after cutting, say)")
    if failed > 0.05 * len(essays):
        raise RuntimeError("more than one text in twenty has no features")
    return rows


def matrix(rows: list[dict]) -> tuple[numpy.ndarray, numpy.ndarray]:
    return (numpy.array([row["features"] for row in rows], dtype=numpy.float64),
            numpy.array([int(row["label"] == "ai") for row in rows]))


def references(rows: list[dict], names: list[str]) -> dict:
    """For each feature 101 quantiles (0 to 100 %) of human and of AI texts, and the range seen in training."""
    whole = [row for row in rows if row["whole"]]
    values, labels = matrix(whole)
    every, _ = matrix(rows)
    steps = numpy.linspace(0, 1, 101)
    result = {}
    for place, name in enumerate(names):
        quantiles = {
            label: [float(f"{value:.6g}") for value in numpy.quantile(values[labels == number, place], steps)]
            for number, label in ((0, "human"), (1, "ai"))}
        result[name] = {
            **quantiles, "minimum": float(every[:, place].min()), "maximum": float(every[:, place].max())}
    return result


def check_export(model, model_bytes: bytes, values: numpy.ndarray) -> float:  # noqa: ANN001 - interpret's classifier
    """Largest relative difference of the shipped file's logits and terms from interpret's, cuts themselves included."""
    cuts = [numpy.asarray(levels[0], dtype=float) for levels in model.bins_]
    on_cuts = numpy.column_stack([
        numpy.resize(entry if len(entry) else numpy.zeros(1), 400) for entry in cuts])
    inputs = numpy.concatenate([values, on_cuts])
    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    logit, scores = session.run(["logit", "scores"], {"features": inputs})
    expected = model.decision_function(inputs)
    scale = numpy.maximum(1, numpy.abs(expected))
    of_terms = numpy.abs(scores - model.eval_terms(inputs)).max(axis=1) / scale
    return float(max((numpy.abs(logit[:, 0] - expected) / scale).max(), of_terms.max()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triton", default="http://127.0.0.1:8000", help="for sentence embeddings")
    parser.add_argument("--interactions", type=int, default=INTERACTIONS)
    parser.add_argument("--limit", type=int, default=4000, help="texts to train on (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    # Imported here: the rest of this module is tested where they are not installed.
    import joblib
    from interpret.glassbox import ExplainableBoostingClassifier

    from .ebm_graph import ebm_graph

    executable = command()
    described = schema(executable)
    names = described["names"]
    essays = sorted(read_essays(CACHE / "selected.jsonl"), key=lambda essay: splits.fraction(essay["id"], "ebm"))
    rows = feature_rows(variants(essays[: options.limit], SEED), names, options.triton, executable,
                        CACHE / f"features.{described['hash']}.{options.limit}.jsonl")
    values, labels = matrix(rows)
    # Whole groups are held out of the printed figure only; the shipped model is fitted on every row.
    other = numpy.array([splits.fraction(splits.group_of(row), "ebm check") < 0.2 for row in rows])
    weights = source_weights([row["source"] for row in rows], labels)

    def fitted(chosen: numpy.ndarray) -> ExplainableBoostingClassifier:
        model = ExplainableBoostingClassifier(
            feature_names=names, feature_types=["continuous"] * len(names), interactions=options.interactions,
            max_bins=128, max_interaction_bins=32, outer_bags=8, learning_rate=0.02, min_samples_leaf=8,
            smoothing_rounds=200, n_jobs=options.threads, random_state=SEED)
        return model.fit(values[chosen], labels[chosen], sample_weight=weights[chosen])

    score = fitted(~other).decision_function(values[other])
    print(f"AUROC on {int(other.sum())} texts of other groups: {area_under_roc(score, labels[other]):.4f}")
    model = fitted(numpy.ones(len(rows), dtype=bool))
    model_bytes = ebm_graph(model).SerializeToString()
    difference = check_export(model, model_bytes, values)
    print(f"{len(model.term_names_)} terms, {len(model_bytes) / 1e3:.0f} kB, from interpret by {difference:.1e}")
    if difference > AGREEMENT:
        raise ValueError(f"the exported graph differs from interpret by {difference}")

    order = numpy.argsort(-model.term_importances())
    for place in order[:15]:
        print(f"  {model.term_importances()[place]:.3f}  {model.term_names_[place]}")
    identity = write_model(
        "ebm", model_bytes, [TensorSpec("features", "TYPE_FP64", (len(names),))],
        [TensorSpec("logit", "TYPE_FP32", (1,)), TensorSpec("scores", "TYPE_FP32", (len(model.term_names_),))],
        maximum_batch=32, threads=1, parameters={
            "feature_schema_hash": described["hash"], "feature_names": ",".join(names),
            "term_names": json.dumps(model.term_names_), "intercept": repr(float(model.intercept_[0]))})
    print(f"fit {identity}")
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, CHECKPOINTS / "ebm.joblib")
    (CACHE / "references.json").write_text(json.dumps(references(rows, names)))


if __name__ == "__main__":
    main()
