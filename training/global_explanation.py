"""What the EBM learned as a whole: each term's shape and how much it counts, for `GET /v1/explain/global`.

    python -m training global-explanation                          # after train-ebm, from the features it stored
    python -m training global-explanation --features some.jsonl    # from what `gateway features --jsonl` wrote

The shapes are read out of triton_model_repo/ebm/1/model.onnx itself, so they are those of the file that is served. A
term's importance is the mean absolute contribution, in logits, over the texts given. Writes ebm_shapes.json beside
the scoring file, and the Swift file that is generated from it; the gateway shows it only beside the EBM whose `fit_id`
it names.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy
import onnx
from onnx import numpy_helper

from .fit_ensemble import configured
from .model_repository import VERSION, fit_id
from .places import CACHE, MODEL_REPOSITORY, ROOT, SCORING

SHAPES = SCORING.with_name("ebm_shapes.json")
COMPILED = ROOT / "Sources" / "Gateway" / "Resources" / "ebm_shapes.json"
GENERATOR = ROOT / "scripts" / "generate-scoring.py"
SCORE_DIGITS = 4
"""Of scores, in logits: a term's contribution is off by 5e-5 at most."""
EDGE_DIGITS = (6, 9, 17)
"""Significant digits of a bin's edges: the first of these that keeps a term's edges apart. These files are for reading;
the model compares exactly."""


def tables(model_bytes: bytes) -> list[tuple[list[int], list[numpy.ndarray], numpy.ndarray]]:
    """Of each term: its features' columns, their cuts, and its scores with a dimension for each feature.

    Reads what ebm_graph.py wrote. The scores are without the bins of missing and unseen values, which no essay has.
    """
    graph = onnx.load_model_from_string(model_bytes).graph
    constants = {entry.name: numpy_helper.to_array(entry) for entry in graph.initializer}

    def sides(name: str) -> tuple[numpy.ndarray, list[numpy.ndarray]]:
        counts = constants[f"{name}.cut_counts"]
        return constants[f"{name}.values.columns"], [
            row[:count] for row, count in zip(constants[f"{name}.cuts"], counts, strict=True)]

    def scores(name: str, count: int) -> list[numpy.ndarray]:
        flat, offsets = constants[f"{name}.scores"], constants[f"{name}.offsets"]
        if len(offsets) != count:
            raise ValueError(f"the EBM's file has {len(offsets)} tables of {name} for {count} terms")
        return numpy.split(flat, offsets[1:])

    columns, cuts = sides("single")
    result = []
    for column, own, table in zip(columns, cuts, scores("single.contribution", len(columns)), strict=True):
        result.append(([int(column)], [own], table[1 : len(own) + 2]))
    if "left.cuts" in constants:
        (first, rows), (second, across) = sides("left"), sides("right")
        flat = scores("pair.contribution", len(first))
        for a, b, down, right, stride, table in zip(
                first, second, rows, across, constants["pair.strides"], flat, strict=True):
            matrix = table.reshape(-1, stride)[1 : len(down) + 2, 1 : len(right) + 2]
            result.append(([int(a), int(b)], [down, right], matrix))
    return result


def rounded_edges(edges: numpy.ndarray) -> numpy.ndarray:
    """Ascending, as the edges given; see EDGE_DIGITS."""
    for digits in EDGE_DIGITS:
        shorter = numpy.array([float(f"{edge:.{digits}g}") for edge in edges])
        if (numpy.diff(shorter) > 0).all():
            break
    return shorter


def simplified(edges: Sequence[numpy.ndarray], scores: numpy.ndarray) -> tuple[list[numpy.ndarray], numpy.ndarray]:
    """Rounded, and without the edges between neighbouring bins that then score alike."""
    scores = numpy.round(scores, SCORE_DIGITS) + 0.0  # + 0.0: no negative zero
    kept_edges = []
    for axis, own in enumerate(edges):
        differs = (numpy.diff(scores, axis=axis) != 0).any(axis=tuple(a for a in range(scores.ndim) if a != axis))
        scores = numpy.compress(numpy.concatenate([[True], differs]), scores, axis=axis)
        kept_edges.append(rounded_edges(own[differs]))
    return kept_edges, scores


def contributions(explanation: dict, names: Sequence[str], values: numpy.ndarray) -> numpy.ndarray:
    """Each term's contribution [N, terms] in logits, from the shapes alone; `values` is [N, features], as `names`.

    A value that equals an edge lies in the bin above it."""
    place = {name: column for column, name in enumerate(names)}
    result = []
    for term in explanation["terms"]:
        bins = tuple(
            numpy.searchsorted(numpy.array(edges, dtype=float), values[:, place[name]], side="right")
            for name, edges in zip(term["features"], term["edges"], strict=True))
        table = numpy.array(term["scores"]).reshape([len(edges) + 1 for edges in term["edges"]])
        result.append(table[bins])
    return numpy.stack(result, axis=1)


def global_explanation(repository: Path, values: numpy.ndarray) -> dict:
    """The file's content. `values` [N, features] are of the texts that the importances are over, in the EBM's order."""
    model_bytes = (repository / "ebm" / VERSION / "model.onnx").read_bytes()
    identity = configured("ebm", "fit_id", repository)
    if fit_id(model_bytes) != identity:
        raise ValueError(f"ebm/config.pbtxt is of fit {identity}, the model beside it is of {fit_id(model_bytes)}")
    names = configured("ebm", "feature_names", repository).split(",")
    term_names = json.loads(configured("ebm", "term_names", repository))
    terms = []
    for term_name, (columns, cuts, scores) in zip(term_names, tables(model_bytes), strict=True):
        edges, scores = simplified(cuts, scores)
        terms.append({
            "name": term_name, "features": [names[column] for column in columns],
            "edges": [own.tolist() for own in edges], "scores": scores.reshape(-1).tolist()})
    result = {
        "fit_id": identity, "feature_schema_hash": configured("ebm", "feature_schema_hash", repository),
        "intercept": float(configured("ebm", "intercept", repository)), "texts": len(values), "terms": terms}
    importances = numpy.abs(contributions(result, names, values)).mean(axis=0)
    for term, importance in zip(terms, importances, strict=True):
        term["importance"] = round(float(importance), SCORE_DIGITS)
    return result


def read_features(path: Path, names: Sequence[str]) -> numpy.ndarray:
    """Values [N, features] from lines of JSON with `features` by name. Lines without (errors) are passed over.

    Raises ValueError where no line has every feature."""
    rows = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                found = json.loads(line).get("features") or {}
            except json.JSONDecodeError:
                continue  # the last line of a run that was interrupted
            if all(found.get(name) is not None for name in names):
                rows.append([float(found[name]) for name in names])
    if not rows:
        raise ValueError(f"no line of {path} has all of the EBM's {len(names)} features")
    return numpy.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, help="lines of JSON with `features` by name: train-ebm's store, or "
                        "what `gateway features --jsonl` wrote (default: the store in training/.cache)")
    parser.add_argument("--repository", type=Path, default=MODEL_REPOSITORY, help="models (default %(default)s)")
    parser.add_argument("--output", type=Path, default=SHAPES, help="(default %(default)s)")
    options = parser.parse_args()
    names = configured("ebm", "feature_names", options.repository).split(",")
    schema_hash = configured("ebm", "feature_schema_hash", options.repository)
    source = options.features or CACHE / f"features.{schema_hash}.jsonl"
    if not source.exists():
        parser.error(f"there is no {source}: run train-ebm first, or name a file with --features")
    explanation = global_explanation(options.repository, read_features(source, names))
    text = json.dumps(explanation, separators=(",", ":"))
    options.output.write_text(text + "\n", encoding="utf-8")
    print(f"{options.output.name}: {len(explanation['terms'])} terms of fit {explanation['fit_id']}, importances over "
          f"{explanation['texts']} texts, {len(text) / 1e3:.0f} kB")
    for term in sorted(explanation["terms"], key=lambda term: -term["importance"])[:10]:
        print(f"  {term['importance']:.3f}  {term['name']}")
    if options.output == COMPILED:
        subprocess.run([sys.executable, str(GENERATOR)], check=True)


if __name__ == "__main__":
    main()
