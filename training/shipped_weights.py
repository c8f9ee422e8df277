"""A torch model with the weights that its exported file holds: every matrix rounded to int8 and back."""

from __future__ import annotations

import copy

import torch
from torch import nn

from .onnx_graph import dequantized, dequantized_rows


def as_shipped(model: nn.Module) -> nn.Module:
    """A copy whose matrices are rounded as `transformer_graph` stores them; vectors and positions stay FP32."""
    rounded = copy.deepcopy(model)
    with torch.no_grad():
        for name, module in rounded.named_modules():
            if isinstance(module, nn.Embedding) and name.endswith("word_embeddings"):
                module.weight.copy_(torch.from_numpy(dequantized_rows(module.weight.numpy())))
            elif isinstance(module, nn.Linear):
                module.weight.copy_(torch.from_numpy(dequantized(module.weight.numpy())))
            elif isinstance(module, nn.LSTM):
                for key, parameter in module.named_parameters():
                    if key.startswith("weight_"):
                        parameter.copy_(torch.from_numpy(dequantized(parameter.numpy())))
    return rounded
