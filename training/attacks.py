"""AI texts changed as somebody would who wants them to pass for human, to measure what that does.

    python -m training attacks                          # writes training/.cache/attacks.jsonl
    gateway analyze --jsonl <training/.cache/attacks.jsonl >training/.cache/attacks.analyzed.jsonl

Each line is a text of dev.jsonl with the attack in its id (`<attack>/<id>`). `none` is the text as it is.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable
from pathlib import Path

from . import splits
from .noise import WORD, typo
from .places import CACHE, ESSAYS
from .preface import without_preface
from .prepare import read_essays, write_essays

HOMOGLYPHS = str.maketrans("aceopxyiAEOPCTHKMX", "асеорхуіАЕОРСТНКМХ")
"""Latin letters and the Cyrillic ones that look the same."""
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
SEED = 5


def zero_width(text: str, chance: random.Random) -> str:
    return "".join(letter + (chance.choice(ZERO_WIDTH) if chance.random() < 0.15 else "") for letter in text)


def homoglyphs(text: str, chance: random.Random) -> str:
    return "".join(letter.translate(HOMOGLYPHS) if chance.random() < 0.3 else letter for letter in text)


def white_space(text: str, chance: random.Random) -> str:
    """Doubled and other spaces, and line breaks where there were none."""
    return re.sub(" ", lambda _: chance.choice((" ", " ", "  ", "\u00a0", "\t", "\n", " \n ")), text)


def letter_case(text: str, chance: random.Random) -> str:
    """All small, all large, or each word as a title's."""
    return chance.choice((str.lower, str.upper, str.title))(text)


def typos(text: str, chance: random.Random) -> str:
    """In 5 % of the words."""
    return "".join(typo(part, chance) if not part.isspace() and chance.random() < 0.05 else part
                   for part in WORD.findall(text))


def markdown(text: str, chance: random.Random) -> str:
    paragraphs = [part for part in text.split("\n") if part.strip()]
    marked = [re.sub(r"\b(\w{7,})\b", lambda m: f"**{m[1]}**" if chance.random() < 0.2 else m[1], part)
              for part in paragraphs]
    return "# Essay\n\n" + "\n\n".join(chance.choice(("", "- ", "> ")) + part for part in marked)


def html(text: str, chance: random.Random) -> str:
    paragraphs = [part for part in text.split("\n") if part.strip()]
    return "<html><body>" + "".join(
        f'<p style="color:#{chance.randrange(1 << 24):06x}">{part.replace("&", "&amp;").replace("<", "&lt;")}</p>'
        for part in paragraphs) + "</body></html>"


ATTACKS: dict[str, Callable[[str, random.Random], str]] = {
    "none": lambda text, chance: text, "zero_width": zero_width, "homoglyphs": homoglyphs, "white_space": white_space,
    "case": letter_case, "typos": typos, "markdown": markdown, "html": html,
    "no_preface": lambda text, chance: without_preface(text)}
HUMAN_START = "human_start"


def human_start(text: str, human: str) -> str:
    """The text after the first 60 words of a human's."""
    return " ".join(human.split()[:60]) + "\n\n" + text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--essays", type=Path, default=ESSAYS / "dev.jsonl", help="default %(default)s")
    parser.add_argument("--limit", type=int, default=120, help="AI texts to attack (default %(default)s)")
    parser.add_argument("--output", type=Path, default=CACHE / "attacks.jsonl")
    options = parser.parse_args()
    essays = sorted(read_essays(options.essays), key=lambda essay: splits.fraction(essay["id"], "attack"))
    machine = [essay for essay in essays if essay["label"] == "ai"][: options.limit]
    humans = [essay for essay in essays if essay["label"] == "human"]
    attacked = []
    for number, essay in enumerate(machine):
        for name, change in ATTACKS.items():
            chance = random.Random(f"{SEED} {name} {essay['id']}")
            attacked.append({**essay, "id": f"{name}/{essay['id']}", "text": change(essay["text"], chance)})
        attacked.append({**essay, "id": f"{HUMAN_START}/{essay['id']}",
                         "text": human_start(essay["text"], humans[number % len(humans)]["text"])})
    options.output.parent.mkdir(parents=True, exist_ok=True)
    write_essays(options.output, attacked)
    print(f"{options.output}: {len(machine)} AI texts, {len(ATTACKS) + 1} versions each")


if __name__ == "__main__":
    main()
