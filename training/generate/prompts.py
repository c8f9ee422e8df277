"""Essay prompts with slots, filled from the lists of slots.yaml. A prompt depends on its number, the seed and the
slots' weights alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

SLOTS = Path(__file__).with_name("slots.yaml")

Weights = Mapping[str, Mapping[str, float]]
"""By slot and value; a value that is not named weighs 1."""


@dataclass(frozen=True)
class Genre:
    text: str
    topics: tuple[str, ...]
    """Kinds of topics that it is written about."""


@dataclass(frozen=True)
class Slots:
    """The lists, as slots.yaml has them."""

    genres: tuple[Genre, ...]
    topics: Mapping[str, Sequence[str]]
    personas: Sequence[str]
    grades: Sequence[str]
    tones: Sequence[str]
    lengths: Sequence[int]
    evasions: Sequence[str]
    templates: Sequence[str]
    systems: Sequence[str]
    closing: str

    @staticmethod
    def read(path: Path = SLOTS) -> "Slots":
        """Raises ValueError, with the name of the list, where one is missing or of the wrong kind."""
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            genres = tuple(Genre(entry["text"], tuple(entry["topics"])) for entry in found.pop("genres"))
            slots = Slots(genres=genres, **found)
        except (AttributeError, KeyError, TypeError) as problem:
            raise ValueError(f"{path} is not a file of slots: {problem}") from problem
        for name in ("genres", "topics", "personas", "grades", "tones", "lengths", "evasions", "templates", "systems"):
            if not getattr(slots, name):
                raise ValueError(f"{path}: the list {name} is empty")
        for genre in genres:
            for kind in genre.topics:
                if not slots.topics.get(kind):
                    raise ValueError(f"{path}: {genre.text!r} names topics {kind!r}, which are not there")
        for template in slots.templates:
            try:
                template.format(genre="", topic="", words="", grade="", persona="", tone="")
            except (KeyError, IndexError, ValueError) as problem:
                raise ValueError(f"{path}: the template {template!r} has an unknown slot: {problem}") from problem
        return slots


@dataclass(frozen=True)
class Prompt:
    """What one essay is asked for with."""

    text: str
    system: str
    slots: Mapping[str, str]
    """Every slot's value, also of those that the template does not speak of: then "" ."""
    temperature: float
    seed: int
    """Sent to the model."""


def draw_prompt(
    slots: Slots, seed: int, turn: int, number: int, weights: Weights, *, evasion_share: float,
    temperatures: Sequence[float],
) -> Prompt:
    """The `number`-th prompt of round `turn`. The same arguments give the same prompt."""
    chance = random.Random(f"{seed} {turn} {number}")

    def pick(slot: str, values: Sequence[str]) -> str:
        own = weights.get(slot, {})
        return chance.choices(values, [own.get(value, 1.0) for value in values])[0]

    genre_text = pick("genre", [genre.text for genre in slots.genres])
    (genre,) = (genre for genre in slots.genres if genre.text == genre_text)
    values = {
        "genre": genre.text,
        "topic": pick("topic", [topic for kind in genre.topics for topic in slots.topics[kind]]),
        "words": pick("words", [str(length) for length in slots.lengths]),
        "grade": pick("grade", slots.grades),
        "persona": pick("persona", slots.personas),
        "tone": pick("tone", slots.tones),
    }
    template = pick("template", slots.templates)
    evasion = pick("evasion", slots.evasions) if chance.random() < evasion_share else ""
    said = {name: value if f"{{{name}}}" in template else "" for name, value in values.items()}
    opening = template.format(**values)
    text = " ".join(part for part in (opening[:1].upper() + opening[1:], evasion, slots.closing) if part)
    return Prompt(
        text=text, system=pick("system", slots.systems),
        slots={**said, "template": template, "evasion": evasion},
        temperature=chance.choice(list(temperatures)), seed=chance.randrange(2**31))
