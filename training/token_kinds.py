"""What kind of word each word piece is: a function word stands for itself, any other word for its part of speech.

N-grams of kinds say how somebody writes and nothing of what about: `the <NN> of the <NN>`. The kinds are those of the
treebank that the tagger is trained on; a word that it does not have gets that of most of its words with the same ending. What
word pieces cut otherwise than the treebank (`don`, `'`, `t` of `don't`; `cannot`) stands for itself, too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

import numpy

from .places import ROOT, TREEBANK
from .syntax import conllu
from .syntax.conllu import Sentence

VOCABULARY_FILE = ROOT / "Sources" / "WordPiece" / "Resources" / "vocab.txt"
CLOSED = {"ADP", "AUX", "CCONJ", "DET", "PART", "PRON", "PUNCT", "SCONJ"}
"""Universal parts of speech whose words stand for themselves."""
CUT_OTHERWISE = "joined"
"""In place of a part of speech: a piece of several words that are written as one."""
AS_COMMON = {"NNP": "NN", "NNPS": "NNS"}
"""Word pieces have no capitals: a name and a noun look alike."""
ENDING = 4
"""Letters of the longest ending that is looked up."""
CONTINUES = "##"


def word_kinds(sentences: Iterable[Sentence]) -> dict[str, str]:
    """The kind of each word of a treebank: itself, or the Penn tag that it has most often."""
    found: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for sentence in sentences:
        for form, part, tag in zip(sentence.forms, sentence.upos, sentence.xpos, strict=True):
            found[form.lower()][part, AS_COMMON.get(tag, tag)] += 1
        for written, forms in sentence.joined:
            words = {form.lower() for form in forms}
            for piece in re.findall(r"[^\W_]+", written.lower()):
                if piece not in words:
                    found[piece][CUT_OTHERWISE, ""] += 1
    kinds = {}
    for word, uses in found.items():
        # Of equally many the first in the alphabet.
        part, tag = min(uses, key=lambda use: (-uses[use], use))
        kinds[word] = word if part in CLOSED or part == CUT_OTHERWISE else f"<{tag}>"
    return kinds


def ending_kinds(kinds: dict[str, str]) -> dict[str, str]:
    """The part of speech that most words with an ending of up to `ENDING` letters have."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, kind in kinds.items():
        if word.isalpha() and kind != word:
            for size in range(1, min(ENDING, len(word)) + 1):
                found[word[-size:]][kind] += 1
    return {ending: min(uses, key=lambda kind: (-uses[kind], kind)) for ending, uses in found.items()}


def kinds_of(pieces: Sequence[str], sentences: Iterable[Sentence]) -> list[str]:
    """The kind of every word piece, by a treebank's sentences. A piece that continues a word has its ending's, marked."""
    words = word_kinds(sentences)
    endings = ending_kinds(words)

    def by_ending(letters: str) -> str:
        for size in range(min(ENDING, len(letters)), 0, -1):
            if letters[-size:] in endings:
                return endings[letters[-size:]]
        return "<other>"

    def kind(piece: str) -> str:
        if piece.startswith(CONTINUES):
            return CONTINUES + by_ending(piece.removeprefix(CONTINUES))
        if piece.isdigit():
            return "<CD>"
        # A mark or a sign stands for itself, whatever it is in the treebank (% is a noun there).
        if not piece.isalpha():
            return piece
        return words.get(piece) or by_ending(piece)

    return [kind(piece) for piece in pieces]


@cache
def token_kinds() -> numpy.ndarray:
    """[vocabulary], int32: a number for the kind of each token id."""
    sentences = conllu.read(TREEBANK / "en_ewt-ud-train.conllu")
    kinds = kinds_of(VOCABULARY_FILE.read_text(encoding="utf-8").splitlines(), sentences)
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    return numpy.array([numbers[kind] for kind in kinds], dtype=numpy.int32)
