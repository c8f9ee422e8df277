#!/usr/bin/env python3
"""Measures the segmentation into sentences and tokens on the raw text of a Universal Dependencies treebank.

    python scripts/segmentation-f1.py texts treebank.conllu > texts.jsonl
    <gateway> segment --jsonl < texts.jsonl > segments.jsonl
    python scripts/segmentation-f1.py score treebank.conllu segments.jsonl [--errors 20]

`texts` writes the documents as their sentences joined again: a blank line before a paragraph, a space between sentences
unless the last token says SpaceAfter=No. `score` compares spans: a sentence or token is right if both of its ends are.
Tokens are the treebank's syntactic words where they are pieces of the text (`do` `n't`), and its surface tokens otherwise.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
from dataclasses import dataclass, field


@dataclass
class Document:
    text: str = ""
    # Spans in characters.
    sentences: list[tuple[int, int]] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)


def surface_tokens(lines: list[str]) -> list[tuple[list[str], bool]]:
    """Each surface token as its pieces, and whether a space follows."""
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    result = []
    covered_until = 0
    for position, row in enumerate(rows):
        space = "SpaceAfter=No" not in row[9]
        if "-" in row[0]:
            first, last = map(int, row[0].split("-"))
            covered_until = last
            words = [other[1] for other in rows[position + 1 :] if other[0].isdigit() and first <= int(other[0]) <= last]
            result.append((words if "".join(words) == row[1] else [row[1]], space))
        elif row[0].isdigit() and int(row[0]) > covered_until:
            result.append(([row[1]], space))
    return result


def documents(path: str) -> list[Document]:
    result: list[Document] = []
    separator = ""
    with open(path, encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    for block in blocks:
        lines = block.split("\n")
        if any(line.startswith("# newdoc") for line in lines):
            result.append(Document())
            separator = ""
        elif any(line.startswith("# newpar") for line in lines):
            separator = "\n\n"
        document = result[-1]
        document.text += separator
        start = len(document.text)
        space = True
        for pieces, space in surface_tokens(lines):
            for piece in pieces:
                document.tokens.append((len(document.text), len(document.text) + len(piece)))
                document.text += piece
            document.text += " " if space else ""
        end = len(document.text) - (1 if space else 0)
        document.text = document.text[:end]
        document.sentences.append((start, end))
        separator = " " if space else ""
    return result


def characters(text: str, spans: list[list[int]]) -> list[tuple[int, int]]:
    """Byte spans as character spans."""
    offsets = {}
    position = 0
    for index, character in enumerate(text):
        offsets[position] = index
        position += len(character.encode())
    offsets[position] = len(text)
    return [(offsets[start], offsets[end]) for start, end in spans]


def f1(right: int, found: int, wanted: int) -> str:
    precision, recall = right / found, right / wanted
    return f"precision {precision:.2%}, recall {recall:.2%}, F1 {2 * precision * recall / (precision + recall):.2%}"


def score(path: str, segments: str, errors: int) -> None:
    totals = collections.Counter()
    with open(segments, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for document, line in zip(documents(path), lines, strict=True):
        for kind in ("sentences", "tokens"):
            wanted, found = getattr(document, kind), characters(document.text, line[kind])
            totals[kind, "right"] += len(set(wanted) & set(found))
            totals[kind, "found"] += len(found)
            totals[kind, "wanted"] += len(wanted)
            if kind == "sentences" and errors > 0:
                for start, end in sorted(set(found) ^ set(wanted)):
                    errors -= 1
                    if errors >= 0:
                        side = "ours    " if (start, end) in found else "treebank"
                        print(f"{side} {document.text[start:end]!r}", file=sys.stderr)
    for kind in ("sentences", "tokens"):
        print(f"{kind}: {f1(totals[kind, 'right'], totals[kind, 'found'], totals[kind, 'wanted'])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    texts = commands.add_parser("texts", help="write the treebank's documents as JSON lines")
    texts.add_argument("treebank")
    scoring = commands.add_parser("score", help="compare what the gateway made of them")
    scoring.add_argument("treebank")
    scoring.add_argument("segments")
    scoring.add_argument("--errors", type=int, default=0, help="sentences to print that only one side has")
    arguments = parser.parse_args()
    if arguments.command == "texts":
        for index, document in enumerate(documents(arguments.treebank)):
            print(json.dumps({"id": str(index), "text": document.text}, ensure_ascii=False))
    else:
        score(arguments.treebank, arguments.segments, arguments.errors)


if __name__ == "__main__":
    main()
