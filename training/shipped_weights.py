"""A torch model with the weights that its exported file holds: every matrix of the encoder rounded to int8 and back."""

from __future__ import annotations

import copy

import torch
from torch import nn

from .onnx_graph import dequantized, dequantized_rows


def as_shipped(model: nn.Module) -> nn.Module:
    """A copy whose encoder's matrices are rounded as `transformer_graph` stores them; vectors, positions and heads stay
    FP32."""
    rounded = copy.deepcopy(model)
    with torch.no_grad():
        for name, module in getattr(rounded, "bert", rounded).named_modules():
            if isinstance(module, nn.Embedding) and name.endswith("word_embeddings"):
                module.weight.copy_(torch.from_numpy(dequantized_rows(module.weight.numpy())))
            elif isinstance(module, nn.Linear):
                module.weight.copy_(torch.from_numpy(dequantized(module.weight.numpy())))
    return rounded
