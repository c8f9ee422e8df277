"""Human expository prose from two Debian packages: what the essays' corpora have from machines only.

Of the corpora that argue and explain in good English (ndhal, argugpt, comnets) nearly all is by machines, and a model
learns that whoever explains well is one. `anarchism` is An Anarchist FAQ (GPL-2), a book of political argument, cut into
pieces as long as essays; `dict-foldoc` is the Free On-line Dictionary of Computing (GFDL), whose longer entries are as long
as short answers. Both are older than language models, or kept by editors who are people.
`scripts/debian-texts.sh` fetches them.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from . import splits
from .treebank_texts import SHORTEST_WORDS

FAQ, DICTIONARY = "anarchism", "foldoc"
"""The sources' names."""
TEXTS = 700
"""Of each, at most: with a fifth held out about as many as a corpus of DetectRL has of a label and generator to train on."""
PIECE_WORDS = (80, 400)
"""A piece of the FAQ has paragraphs until it has at least a number of words that is drawn from these."""
SHORTEST_PARAGRAPH = 25
"""Words: less is a heading, a list's item or a note."""


class _Paragraphs(HTMLParser):
    """The texts of a page's <p> elements, white space folded."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "p":
            self.found.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def essay(source: str, number: str, text: str, group: str) -> dict:
    return {"id": f"{source}-{number}", "text": text, "label": "human", "source": source, "generator": "human",
            "prompt": group}


def faq_pieces(page: str, html: str) -> list[dict]:
    """Essays of a page; all of them are one group."""
    parser = _Paragraphs()
    parser.feed(html)
    chance = random.Random(page)
    pieces: list[dict] = []
    paragraphs: list[str] = []
    wanted = chance.randint(*PIECE_WORDS)
    for paragraph in (" ".join(text.split()) for text in parser.found):
        if len(paragraph.split()) < SHORTEST_PARAGRAPH:
            continue
        paragraphs.append(paragraph)
        text = "\n\n".join(paragraphs)
        if len(text.split()) >= wanted:
            pieces.append(essay(FAQ, f"{page}-{len(pieces)}", text, page))
            paragraphs, wanted = [], chance.randint(*PIECE_WORDS)
    return pieces


def dictionary_entries(text: str) -> Iterator[tuple[str, str]]:
    """(headword, text) of the dictionary's entries: a headword begins a line, its text is indented. The marks of
    cross-references and subjects go, and so do paragraphs that are no sentences (tables, addresses, dates)."""
    for entry in re.split(r"\n(?=\S)", text):
        headword, _, body = entry.partition("\n")
        paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", body)]
        paragraphs = [re.sub(r"^<[^>]+> ", "", paragraph).translate({ord("{"): None, ord("}"): None})
                      for paragraph in paragraphs]
        yield headword, "\n\n".join(
            paragraph for paragraph in paragraphs
            if len(paragraph.split()) >= SHORTEST_PARAGRAPH / 2 and paragraph[-1] in ".!?" and "http" not in paragraph)


def debian_texts(folder: Path, texts: int = TEXTS) -> list[dict]:
    """At most `texts` essays of each source. Raises FileNotFoundError with what to do when they were not fetched."""
    html = folder / "anarchism/usr/share/doc/anarchism/html"
    # The others are lists of links, of books and of what has changed.
    pages = sorted([*html.glob("sec*.html"), *html.glob("append*.html")])
    dictionary = folder / "dict-foldoc/usr/share/dictd/foldoc.dict.dz"
    if not pages or not dictionary.exists():
        raise FileNotFoundError(f"no texts in {folder}: run scripts/debian-texts.sh {folder}")
    found = [piece for page in pages for piece in faq_pieces(page.stem, page.read_text(encoding="utf-8", errors="replace"))]
    with gzip.open(dictionary, "rt", encoding="utf-8", errors="replace") as lines:
        found += [essay(DICTIONARY, str(number), text, headword)
                  for number, (headword, text) in enumerate(dictionary_entries(lines.read()))
                  if SHORTEST_WORDS <= len(text.split()) <= PIECE_WORDS[1]]
    return splits.limited(found, texts)
