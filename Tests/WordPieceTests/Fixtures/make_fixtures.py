#!/usr/bin/env python3
"""Writes golden.jsonl: texts with the ids and offsets that transformers.BertTokenizer gives them.

    Tests/WordPieceTests/Fixtures/make_fixtures.py           # writes the file
    Tests/WordPieceTests/Fixtures/make_fixtures.py --check   # exit status 1 where it differs from what would be written

Needs the environment of requirements-test.txt. The Swift tests read the file, so they need no Python.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "EndToEnd"))

from tokenizer_oracle import Oracle, StringGenerator  # noqa: E402

GOLDEN = Path(__file__).resolve().parent / "golden.jsonl"
SEED = 2
GENERATED_STRINGS = 600

CURATED = {
    "empty": "",
    "blank": " \t\r\n\u00a0\u3000",
    "plain": "The quick brown fox jumps over the lazy dog.",
    "pieces": "Unaffable tokenization of electroencephalographically minded antidisestablishmentarians",
    "contraction": "I can't say it isn't 3.14 or $1,000.50; e-mail me@example.org!",
    "capitals": "SHOUTING IS NOT ÉLÉGANT",
    "accents, composed": "Crème brûlée à la façon de Zoë Müller, niño, Ångström",
    "accents, decomposed": "Cre\u0300me bru\u0302le\u0301e a\u0300 la fac\u0327on",
    "two accents in either order": "a\u0323\u0301 a\u0301\u0323 \u1ea5\u0323",
    "dotted and dotless i": "\u0130stanbul I\u0307 \u0131 i\u0307",
    "sharp s": "Stra\u00dfe STRASSE \u1e9e",
    "final sigma": "\u039f\u0394\u039f\u03a3 \u03a3 \u03bf\u03b4\u03bf\u03c2",
    "Kelvin, Angstrom, Ohm": "\u212a \u212b \u2126",
    "titlecase digraph": "\u01c5 \u01c4 \u01f2z",
    "ligatures stay": "\ufb01nd \ufb00 \u0153uvre \u00e6on",
    "full width": "\uff26\uff55\uff4c\uff4c \uff11\uff12\uff13\uff01",
    "ideographs": "我来到北京清华大学,abc漢字kana",
    "ideographs of the supplementary planes": "\U00020000\U0002a6d6\U0002b740x\U0002b820x\U0002f800",
    "compatibility ideographs decompose": "\uf900\ufa0e\uf9e8",
    "kana with voicing marks": "か\u3099がハ\u309aパ",
    "Hangul": "한국어 \u1112\u1161\u11ab 값 가",
    "Hangul with tone marks": "\ud55c\u302e\u302f \u302f\u302e",
    "Thai": "ภาษาไทยง่ายนิดเดียว",
    "Devanagari": "हिन्दी में लिखा है",
    "Arabic with vowels": "\u0628\u0650\u0633\u0652\u0645\u0650 \u0627\u0644\u0644\u0651\u064e\u0647\u0650",
    "Hebrew with points": "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "emoji": "I ❤️ 👩‍🚀 and 🇩🇪 1️⃣ 👍🏽",
    "control characters": "a\0b\x01c\x7fd\x80e\x9ff\u00adg",
    "line separators": "a\u0085b\u2028c\u2029d\x0be\x0cf\x1cg",
    "zero width": "zero\u200bwidth \u200cnon\u200djoiner \ufeffmark \u2060word",
    "replacement character": "a\ufffdb \ufffd",
    "private use and unassigned": "a\ue000b \uf8ff \U0010ffff c\u0378d \U000e0001",
    "variation selectors": "a\ufe0fb \U000e0100",
    "a control between marks does not end the run": "\u302e\x01\u1bf2 x\u302e\x01\u1bf2y",
    "a grapheme joiner between marks does": "x\u302e\u034f\u1bf2y",
    "marks that stay, out of order": "x\u302e\U0001d165\u1bf2\U0001e94ay",
    "a decomposition with a mark that stays": "\U0001d15e\u0323\U0001d165 \U0001d160",
    "a long run of marks": "x" + "\u302e\u0301\u1bf2\u0323\U0001d16d" * 40 + "y",
    "special tokens": "[CLS] a [SEP]b[MASK]c [PAD][UNK]",
    "special tokens that are none": "[cls] [Sep] [ SEP] [SEP [[SEP]] [S\u0301EP] [SEP\u0301] [MASK",
    "special token among marks": "\u302e[SEP]\u1bf2 e\u0301[SEP]\u0301e",
    "tokens of the vocabulary, written out": "##ing [unused1] ##",
    "100 characters": "a" * 100,
    "101 characters": "a" * 101 + " b",
    "100 characters of two bytes": "\u044f" * 100 + " \u044f",
    "101 characters of two bytes": "\u044f" * 101 + " \u044f",
    "101 characters, of which accents are stripped": "e\u0301" * 100 + " " + "e\u0301" * 101,
    "100 characters before decomposition": "\uac00" * 50 + " " + "\uac00" * 51,
    "a word that cannot be spelled to its end": "hello\U0001d400 hello",
    "punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "punctuation beyond ASCII": "«¿“x”…—‰§†•×÷°€™\u0387\u037e\u0964\u3001\u2e3c",
    "mixed scripts": "Раypal Βeta hеllo",
}


def render() -> str:
    texts = list(CURATED.items())
    texts += [(f"generated {n}", text) for n, text in enumerate(StringGenerator(SEED).strings(GENERATED_STRINGS))]
    answers = Oracle().encode([text for _, text in texts])
    lines = [
        json.dumps({"name": name, "text": text, "ids": ids, "offsets": offsets}, separators=(",", ":")) + "\n"
        for (name, text), (ids, offsets) in zip(texts, answers, strict=True)
    ]
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    text = render()
    if not check:
        GOLDEN.write_text(text, encoding="ascii", newline="\n")
    elif not GOLDEN.exists() or GOLDEN.read_text(encoding="ascii") != text:
        sys.exit(f"{GOLDEN.name} is not what {Path(__file__).name} writes; run it")


if __name__ == "__main__":
    main()
