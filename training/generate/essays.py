"""From a prompt to an essay: its id, the request for it, and what is kept of the reply."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass

from ..preface import without_preface
from .endpoint import Failed
from .prompts import Prompt

SOURCE = "generated"

REFUSAL = re.compile(
    r"\A\W*(?:(?:i'?m|i am) (?:really |very )?sorry|i apologi[sz]e|i can(?:no|')t (?:help|assist|do|write|fulfil)"
    r"|as an ai\b|i(?:'m| am) (?:unable|not able) to)", re.IGNORECASE)


@dataclass(frozen=True)
class Decoding:
    """What a model is asked to decode with, besides the prompt's own temperature and seed."""

    top_p: float = 1.0
    max_tokens: int = 2048
    tokens_field: str = "max_tokens"
    """Newer models of OpenAI want `max_completion_tokens`."""


def essay_id(prompt: Prompt, model: str) -> str:
    """Depends on the prompt, the model and the seed: what is there need not be asked for again."""
    key = "\0".join([prompt.system, prompt.text, model, str(prompt.seed)])
    return f"{SOURCE}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def parameters(prompt: Prompt, decoding: Decoding) -> dict[str, object]:
    return {"temperature": prompt.temperature, "top_p": decoding.top_p, decoding.tokens_field: decoding.max_tokens,
            "seed": prompt.seed}


def request_body(prompt: Prompt, model: str, decoding: Decoding) -> dict[str, object]:
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    messages = [*system, {"role": "user", "content": prompt.text}]
    return {"model": model, "messages": messages, **parameters(prompt, decoding)}


def essay_text(reply: str, minimum_words: int) -> str:
    """The essay alone: without 'Sure, here is your essay:', which would give its maker away.

    Raises Failed for a refusal and for a text that is too short to be judged."""
    text = without_preface(reply).strip()
    if REFUSAL.match(text.replace("\u2019", "'")):
        raise Failed("the model declined")
    words = len(text.split())
    if words < minimum_words:
        raise Failed(f"{words} words, fewer than {minimum_words}")
    return text


def essay_row(prompt: Prompt, model: str, decoding: Decoding, turn: int, text: str, finish_reason: str) -> dict:
    """A line as train.jsonl has it, and how the essay came about."""
    return {
        "id": essay_id(prompt, model), "text": text, "label": "ai", "source": SOURCE, "generator": model,
        "prompt": prompt.text, "system": prompt.system, "slots": dict(prompt.slots),
        "parameters": parameters(prompt, decoding), "round": turn, "finish_reason": finish_reason}


def prompt_row(prompt: Prompt, seed: int, turn: int, number: int) -> dict:
    return {"key": [seed, turn, number], **asdict(prompt)}
