"""BertTokenizer as the oracle for `gateway tokenize`: its answers, strings to try, and the comparison.

As a program it compares more than the tests have time for:

    python Tests/EndToEnd/tokenizer_oracle.py --scalars --strings 1000000 --seed 1
"""

import argparse
import json
import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from transformers import BertTokenizer

ROOT = Path(__file__).resolve().parent.parent.parent
VOCABULARY = ROOT / "Sources" / "WordPiece" / "Resources" / "vocab.txt"
SURROGATES = range(0xD800, 0xE000)


def gateway_binary() -> Path:
    return Path(os.environ.get("GATEWAY_BIN", ROOT / ".build" / "release" / "gateway"))


class Oracle:
    """BertTokenizer of bert-base-uncased with its defaults: lower-casing, neither truncation nor padding."""

    def __init__(self) -> None:
        self.tokenizer = BertTokenizer(vocab=str(VOCABULARY))
        if len(self.tokenizer) != 30522:
            raise ValueError(f"{VOCABULARY} gives {len(self.tokenizer)} tokens, not 30522")

    def encode(self, texts: list[str]) -> list[tuple[list[int], list[list[int]]]]:
        """Ids with [CLS] and [SEP], and offsets in UTF-8 bytes, of each text."""
        batch = self.tokenizer(texts, return_offsets_mapping=True, verbose=False)
        return [
            (ids, byte_offsets(text, offsets))
            for text, ids, offsets in zip(texts, batch["input_ids"], batch["offset_mapping"], strict=True)
        ]


def byte_offsets(text: str, offsets: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Offsets in characters, as the oracle gives them, in bytes of the text's UTF-8."""
    if text.isascii():
        return [list(pair) for pair in offsets]
    at = [0]
    for character in text:
        at.append(at[-1] + len(character.encode("utf-8")))
    return [[at[start], at[end]] for start, end in offsets]


def gateway_tokenize(texts: Iterable[str]) -> Iterator[tuple[list[int], list[list[int]]]]:
    """What the gateway's binary says of each text, in order."""
    lines = "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts))
    run = subprocess.run(
        [gateway_binary(), "tokenize", "--jsonl"], input=lines.encode("ascii"), stdout=subprocess.PIPE, check=True
    )
    for number, line in enumerate(run.stdout.splitlines()):
        answer = json.loads(line)
        if answer["id"] != str(number) or "error" in answer:
            raise ValueError(f"line {number}: {line[:200]!r}")
        yield answer["ids"], answer["offsets"]


def differences(oracle: Oracle, texts: list[str]) -> list[str]:
    """A line for each text whose ids or offsets differ; escaped and cut, because texts may be long."""
    found = []
    answers = zip(texts, oracle.encode(texts), gateway_tokenize(texts), strict=True)
    for number, (text, expected, actual) in enumerate(answers):
        for what, theirs, ours in zip(("ids", "offsets"), expected, actual, strict=True):
            if theirs != ours:
                place = next((n for n, pair in enumerate(zip(theirs, ours)) if pair[0] != pair[1]), "end")
                found.append(f"text {number}, {what} from token {place} on: {ascii(text)[:300]}")
                break
    return found


# --- strings to try ---------------------------------------------------------------------------------------------------


class StringGenerator:
    """Strings that go to the corners of the tokenizer, the same for the same seed."""

    SPECIAL = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "[sep]", "[ SEP]", "[SEP", "SEP]", "[[SEP]]", "##s", "["]
    CASES = (
        "I\u0130\u0131\u00df\u1e9e\u017f\u212a\u212b\u2126\u03a3\u03c2\u03c3\u01c4\u01c5\u01c6\ufb01\u1c89\ua7cb"
        "\U00010d50\U00016ea0"
    )
    BLANKS = " \t\n\r\u0085\u00a0\u1680\u2000\u2003\u2028\u2029\u202f\u205f\u3000\u000b\u000c\u001c\u001f\u180e"
    CONTROLS = (
        "\0\x01\x08\x7f\x80\x9f\u00ad\u200b\u200c\u200d\u200e\u2060\ufeff\ufffd\ufff9\ufe0f\ufe0e\U000e0101\U000e0041"
    )
    EDGES = "\ud7ff\ue000\uf8ff\ufdd0\uffff\U0001ffff\U00020000\U000e0000\U000f0000\U0010fffd\U0010ffff\u0378\ufffe"
    EMOJI = "😀👩‍🚀👨‍👩‍👧‍👦🏳️‍🌈🇩🇪🇫🇷1️⃣❤️👍🏽"

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tokens = VOCABULARY.read_text(encoding="utf-8").splitlines()
        assigned = [chr(c) for c in range(0x110000) if c not in SURROGATES and unicodedata.category(chr(c)) != "Cn"]
        self.assigned = [c for c in assigned if unicodedata.category(c) not in ("Co", "Lo", "Cs")]
        self.combining = [c for c in assigned if unicodedata.combining(c)]
        # Not stripped, but reordered: the only marks whose order shows in the ids.
        self.spacing_combining = [c for c in self.combining if unicodedata.category(c) != "Mn"]
        self.decomposing = [c for c in assigned if unicodedata.normalize("NFD", c) != c]
        self.parts = [
            self._words, self._words, self._spelling, self._scalars, self._planes, self._marks, self._marks,
            self._ideographs, self._hangul, self._accents, self._long_word, self._punctuation, self._script,
            lambda: self._some(self.SPECIAL, 3), lambda: self._some(self.CASES, 6), lambda: self._some(self.BLANKS, 4),
            lambda: self._some(self.CONTROLS, 4), lambda: self._some(self.EDGES, 3), lambda: self._some(self.EMOJI, 8),
        ]  # fmt: skip

    def string(self) -> str:
        parts = [self.random.choice(self.parts)() for _ in range(self.random.choice((1, 1, 2, 3, 5, 8)))]
        return self.random.choice(("", "", " ")).join(parts)

    def strings(self, count: int) -> list[str]:
        return [self.string() for _ in range(count)]

    def _some(self, choices, most: int) -> str:
        return "".join(self.random.choices(choices, k=self.random.randint(1, most)))

    def _words(self) -> str:
        words = [self.random.choice(self.tokens).removeprefix("##") for _ in range(self.random.randint(1, 12))]
        case = self.random.choice((str, str, str.upper, str.title, str.swapcase))
        return case(self.random.choice((" ", " ", "", "-", ", ")).join(words))

    def _spelling(self) -> str:
        return self._some("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789'.,-", 40)

    def _scalars(self) -> str:
        return self._some(self.assigned, 12)

    def _planes(self) -> str:
        plane = self.random.choice((0, 0, 0, 1, 1, 2, 3, 14, 15, 16)) << 16
        values = [plane | self.random.randrange(0x10000) for _ in range(self.random.randint(1, 8))]
        return "".join(chr(value) for value in values if value not in SURROGATES)

    def _marks(self) -> str:
        """A run of marks, mostly short, rarely longer than any buffer, with things in it that end a run or do not."""
        length = self.random.choice((1, 2, 3, 4, 8, 31, 32, 33, 300))
        pools = [self.combining, self.spacing_combining, self.decomposing, self.CONTROLS, "a\u034f "]
        marks = [self.random.choice(pool) for pool in self.random.choices(pools, weights=(8, 8, 1, 1, 1), k=length)]
        before = self.random.choice(("", "a", "e", "和", "\u0d46", "\U0001d15e"))
        return before + "".join(marks) + self.random.choice(("", "b", "!"))

    def _ideographs(self) -> str:
        return self._in((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F), (0x3040, 0x30FF))

    def _hangul(self) -> str:
        return self._in((0xAC00, 0xD7A3), (0xAC00, 0xD7A3), (0x1100, 0x11FF), (0xA960, 0xA97C), (0x302E, 0x302F))

    def _in(self, *ranges: tuple[int, int]) -> str:
        count = self.random.randint(1, 10)
        return "".join(chr(self.random.randint(*self.random.choice(ranges))) for _ in range(count))

    def _accents(self) -> str:
        form = self.random.choice(("NFC", "NFD", "NFKC"))
        text = self._words() + self._some(self.decomposing, 6) + self._words()
        return unicodedata.normalize(form, "".join(c + self.random.choice(("", "", "\u0301", "\u0327")) for c in text))

    def _long_word(self) -> str:
        length = self.random.choice((99, 100, 101, 102, 200, 1000))
        letter = self.random.choice(("a", "é", "e\u0301", "한", "x", "я", "ab", "\U0001d400", "ˆ"))
        return letter * length

    def _punctuation(self) -> str:
        ascii_marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
        return self._some(ascii_marks + "§«»¿–—‘’“”…†‰€™×÷°\u055a\u0964\u2e3c\u3001\u037e\u0387", 10)

    def _script(self) -> str:
        starts = (0x370, 0x400, 0x590, 0x600, 0x900, 0xC80, 0xE00, 0xF00, 0x1B00, 0x1E00, 0xA980, 0xFF00, 0x11000)
        start = self.random.choice(starts)
        return self._in((start, start + 0xFF))


def scalar_texts(context: str) -> list[str]:
    """Every scalar value in a context such as `a{}b`."""
    return [context.format(chr(value)) for value in range(0x110000) if value not in SURROGATES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scalars", action="store_true", help="every scalar value alone and in contexts")
    parser.add_argument("--strings", type=int, default=0, help="number of generated strings")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    oracle = Oracle()
    count, found = 0, []

    def compare(texts: list[str], name: str) -> None:
        nonlocal count
        for start in range(0, len(texts), 50_000):
            found.extend(differences(oracle, texts[start : start + 50_000]))
        count += len(texts)
        print(f"{name}: {len(texts)} texts; {len(found)} differ so far", flush=True)

    # The last three pair it with marks that stay, of the classes 224, 216 and 7: a wrong class shows in the offsets.
    contexts = ("{}", "a{}b", "A {} B", "\u302e{}", "\U0001d165{}", "{}\U0001e94a")
    for context in contexts if options.scalars else ():
        compare(scalar_texts(context), ascii(context))
    generator = StringGenerator(options.seed)
    for start in range(0, options.strings, 50_000):
        compare(generator.strings(min(50_000, options.strings - start)), f"seed {options.seed}, from {start}")
    print("\n".join(found[:50]))
    sys.exit(f"{len(found)} of {count} texts differ" if found else 0)


if __name__ == "__main__":
    main()
