"""What else the runtime offers for the classifiers, and what it is worth: writes docs/runtime-options.md.

    pip install openvino==2026.4.1        (into .venv-train; without it that line is left out)
    python -m training runtime-options

Every variant computes the same windows, as served: texts of the cache, one text's windows a batch. Variants take
turns in a new order for each text, so that whatever else the machine does meets all of them. Areas under the ROC curve
are those of the windows' mean logits. The machine should do nothing else meanwhile: some ten minutes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import onnx
import onnxruntime
from tqdm import tqdm

from . import splits
from .crops import Crops
from .metrics import area_under_roc
from .places import CACHE, MODEL_REPOSITORY, ROOT
from .prepare import read_essays
from .transformer_models import CLASSIFIERS

ACCEPTED_LOSS = 0.002
"""Of the area under the curve: int8 arithmetic may cost less."""

RESTING_SECONDS = 0.03
"""Before each run: the threads of the one before spin for a while, waiting for more, and would take its cores."""

Variant = Callable[[numpy.ndarray, numpy.ndarray], numpy.ndarray]
"""ids and mask [windows, tokens] → logits [windows, 2]."""


def session(
    model: Path | bytes, threads: int, level: str = "ORT_ENABLE_ALL", optimized: Path | None = None,
) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    if optimized:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(
        model if isinstance(model, bytes) else str(model), options, providers=["CPUExecutionProvider"])


def run(found: onnxruntime.InferenceSession) -> Variant:
    return lambda ids, mask: found.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


def openvino_variant(model: Path, threads: int, folder: Path) -> Variant | None:
    """What Triton's stock image runs with `backend: "openvino"`, as far as the package of that name is the same."""
    try:
        import openvino
    except ImportError:
        print("no package openvino: that line is left out")
        return None
    compiled = openvino.Core().compile_model(
        str(model), "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": str(folder)})
    request = compiled.create_infer_request()
    return lambda ids, mask: request.infer({"input_ids": ids, "attention_mask": mask})["logits"]


def variants(name: str, threads: int, folder: Path) -> dict[str, Variant]:
    """The first is what is served."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    shipped = MODEL_REPOSITORY / name / "1" / "model.onnx"
    found = {f"as served, {threads} threads": run(session(shipped, threads))}
    for count in sorted({1, 2 * threads}):
        found[f"{count} thread{'s' if count > 1 else ''}"] = run(session(shipped, count))
    found["no fusion of nodes (ORT_ENABLE_BASIC)"] = run(session(shipped, threads, "ORT_ENABLE_BASIC"))
    # The stored int8 weights, multiplied out: what the tools below can read.
    folded = folder / f"{name}.folded.onnx"
    session(shipped, 1, "ORT_ENABLE_BASIC", folded)
    fused = optimize_model(str(folded), "bert", num_heads=12, hidden_size=384, opt_level=0)
    kinds = {node.op_type for node in fused.model.graph.node}
    label = ", ".join(sorted(kinds & {"Attention", "MultiHeadAttention", "SkipLayerNormalization", "BiasGelu", "FastGelu"}))
    found[f"fused for BERT ({label or 'finds nothing'})"] = run(session(fused.model.SerializeToString(), threads))
    quantized = folder / f"{name}.int8.onnx"
    model = onnx.load(folded)
    for node in model.graph.node:
        node.name = node.name or f"node {node.output[0]}"
    quantize_dynamic(model, quantized, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    found["int8 arithmetic (dynamic quantisation)"] = run(session(quantized, threads))
    if (other := openvino_variant(folded, threads, folder)) is not None:
        found[f"OpenVINO, {threads} threads"] = other
    return found


def windows_by_text(limit: int) -> tuple[list[tuple[numpy.ndarray, numpy.ndarray]], numpy.ndarray]:
    """Ids and mask of the windows of each of `limit` of prepare's held-out texts, and the texts' labels: half of each label.
    The shipped models are trained on them; what is compared is ways of running one model."""
    windows, essays = Crops(CACHE / "windows.npz"), read_essays(CACHE / "windows.jsonl")
    ranked = sorted(
        (splits.fraction(essay["id"], "runtime"), place) for place, essay in enumerate(essays) if essay["held_out"])
    chosen = [[place for _, place in ranked if essays[place]["label"] == label][: limit // 2] for label in ("human", "ai")]
    batches = []
    for place in [place for side in chosen for place in side]:
        ids, mask = windows.batch_ids(numpy.flatnonzero(windows.text == place))
        batches.append((ids.numpy(), mask.numpy()))
    return batches, numpy.repeat([0, 1], [len(side) for side in chosen])


def table(name: str, found: dict[str, Variant], batches: list, labels: numpy.ndarray) -> list[str]:
    """One line a variant, measured in turns."""
    seconds = numpy.zeros((len(found), len(batches)))
    logits = numpy.zeros((len(found), len(batches)))
    for variant in found.values():
        variant(*batches[0])
    chance = numpy.random.default_rng(7)
    runs = list(found.values())
    for number, (ids, mask) in enumerate(tqdm(batches, desc=name, mininterval=5)):
        for place in chance.permutation(len(runs)):
            variant = runs[place]
            time.sleep(RESTING_SECONDS)
            began = time.perf_counter()
            answer = variant(ids, mask)
            seconds[place, number] = time.perf_counter() - began
            logits[place, number] = (answer[:, 1] - answer[:, 0]).mean()
    areas = [area_under_roc(row, labels) for row in logits]
    lines = []
    for place, variant in enumerate(found):
        ratio = float(numpy.median(seconds[place] / seconds[0]))
        off = float(numpy.abs(logits[place] - logits[0]).max())
        lines.append(f"| {name} | {variant} | {1e3 * numpy.median(seconds[place]):.1f} | {ratio:.2f} | {areas[place]:.4f} | "
                     f"{areas[place] - areas[0]:+.4f} | {off:.3f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=300, help="held-out texts (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of a variant, if it does not say (default %(default)s)")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "runtime-options.md")
    options = parser.parse_args()
    batches, labels = windows_by_text(options.texts)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name in CLASSIFIERS:
            lines += table(name, variants(name, options.threads, Path(folder)), batches, labels)
    tokens = numpy.median([mask.sum() for _, mask in batches])
    options.output.write_text(f"""# What else the runtime offers

Written by `python -m training runtime-options` (ONNX Runtime {onnxruntime.__version__}, {os.cpu_count()} cores): \
{len(batches)} texts of training, half of them
human, each text's windows in one batch (median {tokens:.0f} tokens); variants in turns. 'To served' is the median of the
texts' ratios of time. A variant that is not exact may lose less than {ACCEPTED_LOSS} of the AUROC. What was kept, and
why, is in [decisions.md](decisions.md).

| model | variant | ms a text, median | to served | AUROC | change | largest change of a logit |
|---|---|---:|---:|---:|---:|---:|
""" + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
