"""Writes triton_model_repo/ from the trained models that read tokens and checks what it wrote.

    python -m training export [bert_bilstm] [bert_classifier] [ngram_classifier] [sentence_encoder]

Prints, for each model, the largest difference between torch's (or scipy's) FP32 result and the shipped file's (int8
weights), the same against the dequantised weights (arithmetic alone), and how much a row changes in a padded batch.
"""

from __future__ import annotations

import argparse

import numpy
import onnxruntime
import torch
from safetensors.torch import load_file

from .model_repository import write_classifier, write_sentence_encoder
from .ngram_graph import ngram_classifier_graph
from .ngrams import NgramLine, Ngrams
from .places import CACHE, CHECKPOINTS
from .shipped_weights import as_shipped
from .token_kinds import token_kinds
from .train_ngrams import CHECKPOINT
from .transformer_graph import GRAPHS, sentence_encoder_graph
from .transformer_models import CLASSIFIERS, ClassifierOnEncoder, load_encoder, sentence_embedding

ARITHMETIC_TOLERANCE = 1e-4
"""ONNX Runtime against torch on the same weights, and a row alone against the row in a padded batch."""
PACKING_TOLERANCE = 1e-5
"""The same for sentences packed into a row, whose embeddings have length 1."""


def load_classifier(name: str) -> ClassifierOnEncoder:
    weights = load_file(CHECKPOINTS / f"{name}.safetensors")
    layers = len({key.split(".")[3] for key in weights if key.startswith("bert.encoder.layer.")})
    model = CLASSIFIERS[name](load_encoder(), layers)
    model.load_state_dict(weights)
    return model.eval()


def sample(rows: int = 24) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Token ids and mask of windows of different lengths, padded to the longest."""
    data = numpy.load(CACHE / "windows.npz")
    starts = data["starts"]
    chosen = numpy.linspace(0, len(starts) - 2, rows).astype(int)
    longest = int(max(starts[row + 1] - starts[row] for row in chosen))
    ids, mask = numpy.zeros((2, rows, longest), dtype=numpy.int64)
    for place, row in enumerate(chosen):
        crop = data["ids"][starts[row] : starts[row + 1]]
        ids[place, : len(crop)] = crop
        mask[place, : len(crop)] = 1
    return ids, mask


def ngram_logits(line: NgramLine, ids: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
    """Logits [N, 2] of token rows by scipy."""
    counts = mask.sum(axis=1)
    half = line.logits(Ngrams.of(ids[mask > 0], numpy.append(0, numpy.cumsum(counts)), token_kinds())) / 2
    return numpy.column_stack([-half, half]).astype(numpy.float32)


def answers(name: str, session: onnxruntime.InferenceSession, ids: numpy.ndarray, mask: numpy.ndarray):
    """The rows' results together and each alone: as a padded batch, or packed into rows as sentences."""
    counts = mask.sum(axis=1)
    if name == "sentence_encoder":
        def packed(rows: list[int], padding: int = 0) -> numpy.ndarray:
            sequence = numpy.concatenate([*(ids[row, : counts[row]] for row in rows), numpy.zeros(padding, numpy.int64)])
            return session.run(None, {"input_ids": sequence[None], "sentence_lengths": counts[rows][None]})[0][0]

        groups = [list(range(start, min(start + 4, len(ids)))) for start in range(0, len(ids), 4)]
        return (numpy.concatenate([packed(group, padding=number) for number, group in enumerate(groups)]),
                numpy.concatenate([packed([row]) for row in range(len(ids))]))

    def run(rows: slice, length: int) -> numpy.ndarray:
        feeds = {"input_ids": ids[rows, :length], "attention_mask": mask[rows, :length]}
        return session.run(None, feeds)[0]

    return (run(slice(None), ids.shape[1]),
            numpy.concatenate([run(slice(row, row + 1), int(counts[row])) for row in range(len(ids))]))


def check(name: str, model_bytes: bytes, exact: numpy.ndarray, shipped: numpy.ndarray,
          ids: numpy.ndarray, mask: numpy.ndarray) -> None:
    """Prints the differences and raises ValueError when one that must be rounding noise is not."""
    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    together, alone = answers(name, session, ids, mask)
    arithmetic, batch = numpy.abs(together - shipped).max(), numpy.abs(together - alone).max()
    print(f"{name}: {len(model_bytes) / 1e6:.1f} MB; int8 weights change the result by at most "
          f"{numpy.abs(together - exact).max():.4f} (mean {numpy.abs(together - exact).mean():.4f}, results' range "
          f"{exact.min():+.2f} to {exact.max():+.2f}); arithmetic {arithmetic:.1e}; batch and padding {batch:.1e}")
    if max(arithmetic, batch) > (PACKING_TOLERANCE if name == "sentence_encoder" else ARITHMETIC_TOLERANCE):
        raise ValueError(f"{name}: differs from what was trained by {arithmetic} or with its batch by {batch}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "models", nargs="*", default=["sentence_encoder", *CLASSIFIERS, "ngram_classifier"], help="default: all")
    options = parser.parse_args()
    ids, mask = sample()
    torch_ids, torch_mask = torch.from_numpy(ids), torch.from_numpy(mask)
    for name in options.models:
        with torch.no_grad():
            if name == "sentence_encoder":
                model = load_encoder().eval()
                graph = sentence_encoder_graph({key: value.numpy() for key, value in model.state_dict().items()})
                exact = sentence_embedding(model, torch_ids, torch_mask).numpy()
                shipped = sentence_embedding(as_shipped(model), torch_ids, torch_mask).numpy()
            elif name == "ngram_classifier":
                line = NgramLine.load(CHECKPOINT)
                graph = ngram_classifier_graph(line, token_kinds())
                exact = shipped = ngram_logits(line, ids, mask)
            else:
                model = load_classifier(name)
                graph = GRAPHS[name]({key: value.numpy() for key, value in model.state_dict().items()})
                exact = model(torch_ids, torch_mask).numpy()
                shipped = as_shipped(model)(torch_ids, torch_mask).numpy()
        model_bytes = graph.SerializeToString()
        check(name, model_bytes, exact, shipped, ids, mask)
        identity = (write_sentence_encoder(model_bytes) if name == "sentence_encoder"
                    else write_classifier(name, model_bytes, for_gpu=name != "ngram_classifier"))
        print(f"  fit {identity}")


if __name__ == "__main__":
    main()
