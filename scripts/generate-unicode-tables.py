#!/usr/bin/env python3
"""Writes the Unicode tables of the BERT normalizer and pre-tokenizer as a Swift file, asked from `tokenizers`.

    scripts/generate-unicode-tables.py           # writes the Swift file
    scripts/generate-unicode-tables.py --check   # exit status 1 where it differs from what would be written

BertTokenizer runs on the Rust library `tokenizers`, which mixes tables of several Unicode versions: categories of an
old one, decompositions of a newer one, lower case of the newest. No Unicode version gives its answers, so every scalar
value is put to the library itself, stage by stage. About 15 s. Needs the environment of requirements-test.txt; where
this Python has no `tokenizers`, that of `.venv` takes over.
"""

import argparse
import os
import sys
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "Sources" / "WordPiece" / "Generated" / "BertUnicodeTables.swift"

try:
    from tokenizers import normalizers, pre_tokenizers
except ModuleNotFoundError:
    environment = ROOT / ".venv"
    python = environment / "bin" / "python"
    if Path(sys.prefix) == environment or not python.exists():
        sys.exit("tokenizers is not installed: pip install -r requirements-test.txt")
    os.execv(python, [python, *sys.argv])

# Bits of a property beside the canonical combining class in the low byte; `ScalarProperty` in Swift has the same.
NONSPACING_MARK, PUNCTUATION, REMOVED, WHITESPACE, IDEOGRAPH, MAPPED = (1 << bit for bit in range(8, 14))
HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)  # decomposed by arithmetic, so they need no mapping
SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]


def bert(**stage: bool) -> normalizers.Normalizer:
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**(options | stage))


CLEAN, IDEOGRAPHS, STRIP, LOWER = (
    bert(**{stage: True}).normalize_str
    for stage in ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
)
DECOMPOSE = normalizers.NFD().normalize_str
SPLIT = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def require(condition: bool, value: int, what: str) -> None:
    if not condition:
        sys.exit(f"U+{value:04X}: {what}: the Swift normalizer relies on that; the library has changed")


class CombiningClasses:
    """Canonical combining classes, from the order that the library's NFD gives to pairs of marks."""

    def __init__(self) -> None:
        # One mark of each class to compare with, out of those that the library knows as marks: they change places with
        # a mark of the lowest or the highest class.
        lowest, highest = "\u0334", "\u0345"
        references: dict[int, str] = {}
        for mark in map(chr, SCALARS):
            if (number := unicodedata.combining(mark)) and number not in references and DECOMPOSE(mark) == mark:
                moves = DECOMPOSE(mark + lowest) == lowest + mark or DECOMPOSE(highest + mark) == mark + highest
                if mark == lowest or moves:
                    references[number] = mark
        self.references = sorted(references.items())
        for (_, low), (_, high) in zip(self.references, self.references[1:]):
            require(DECOMPOSE(high + low) == low + high, ord(high), "its class is in another place than in Python")

    def of(self, mark: str) -> int:
        """The class of a character that does not decompose; 0 for a starter."""
        low, high = 0, len(self.references)
        while low < high:
            middle = (low + high) // 2
            number, reference = self.references[middle]
            if reference == mark:
                return number
            if DECOMPOSE(reference + mark) == mark + reference:
                high = middle
            elif DECOMPOSE(mark + reference) == reference + mark:
                low = middle + 1
            elif self.is_starter(mark):
                return 0
            else:
                return number
        sys.exit(f"U+{ord(mark):04X} has a combining class of its own")

    def is_starter(self, mark: str) -> bool:
        (_, first), (_, last) = self.references[0], self.references[-1]
        return DECOMPOSE(last + mark) == last + mark and DECOMPOSE(mark + first) == mark + first


def survey() -> tuple[dict[int, int], dict[int, str]]:
    """Property and mapping (lower-cased decomposition) of every scalar value whose property is not 0."""
    classes = CombiningClasses()
    properties: dict[int, int] = {}
    mappings: dict[int, str] = {}

    def final_property(character: str) -> int:
        """Of a character as it is after decomposition."""
        number = classes.of(character)
        # Not decomposed and not lower-cased: nothing but the mark itself can be stripped.
        mark = NONSPACING_MARK if STRIP(character) == "" else 0
        pieces = [piece for piece, _ in SPLIT("a" + LOWER(character) + "b")]
        require(len(pieces) in (1, 3), ord(character), "splits a word, but is no word")
        return number | mark | (PUNCTUATION if len(pieces) == 3 else 0)

    for value in SCALARS:
        character = chr(value)
        cleaned = CLEAN(character)
        if cleaned == "":
            properties[value] = REMOVED
            continue
        if cleaned == " ":
            properties[value] = WHITESPACE
            continue
        require(cleaned == character, value, "cleaning replaces it")
        bits = 0
        isolated = IDEOGRAPHS(character)
        if isolated != character:
            require(isolated == f" {character} ", value, "not put between two spaces")
            bits |= IDEOGRAPH
        decomposed = DECOMPOSE(character)
        if decomposed == character:
            bits |= final_property(character)
        output = "".join(map(LOWER, decomposed))
        require(len(output) == len(decomposed), value, "lower case is longer")
        require(DECOMPOSE(output) == output, value, "lower case decomposes further")
        for before, after in zip(decomposed, output):
            both = final_property(before), final_property(after)
            require(both[0] == both[1], value, "lower case differs in class")
            require(CLEAN(after) == after, value, "lower case would be cleaned")
        # Stripped marks behind the first character have no effect left: they consume no input and reorder nothing.
        kept = output[0] + "".join(
            c for c in output[1:] if not ((p := final_property(c)) & NONSPACING_MARK and p & 0xFF)
        )
        if kept != character:
            bits |= MAPPED
            if value in HANGUL_SYLLABLES:
                require(kept == hangul(value), value, "not decomposed by the Hangul rule")
            else:
                mappings[value] = kept
        if bits:
            properties[value] = bits
    return properties, mappings


def hangul(value: int) -> str:
    """Unicode's arithmetic decomposition of a Hangul syllable (The Unicode Standard, section 3.12)."""
    index = value - HANGUL_SYLLABLES.start
    jamo = [0x1100 + index // 588, 0x1161 + index % 588 // 28]
    return "".join(map(chr, jamo + ([0x11A7 + index % 28] if index % 28 else [])))


def render(properties: dict[int, int], mappings: dict[int, str]) -> str:
    runs, last = [], None
    for value in range(0x110000):
        # Surrogates are no scalar values: whatever the run before says.
        current = last if 0xD800 <= value < 0xE000 else properties.get(value, 0)
        if current != last:
            runs.append(f"{value:X} {current:X}")
        last = current
    lines = [f"{value:X} {' '.join(f'{ord(c):X}' for c in output)}" for value, output in mappings.items()]
    return (
        "// Generated by scripts/generate-unicode-tables.py from the Rust library tokenizers. Do not edit.\n"
        "// swift-format-ignore-file\n\n"
        "extension BertUnicode {\n"
        "    /// Runs of scalar values with one property: the first of the run, then a `ScalarProperty`; hexadecimal.\n"
        '    static let propertyRuns = """\n' + "\n".join(runs) + '\n"""\n\n'
        "    /// What a scalar value is replaced by: itself, then its lower-cased decomposition; hexadecimal.\n"
        '    static let mappings = """\n' + "\n".join(lines) + '\n"""\n'
        "}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    text = render(*survey())
    if not check:
        GENERATED.write_text(text, encoding="utf-8", newline="\n")
    elif not GENERATED.exists() or GENERATED.read_text(encoding="utf-8") != text:
        sys.exit(f"{GENERATED.name} is not what {Path(__file__).name} writes; run it")


if __name__ == "__main__":
    main()
