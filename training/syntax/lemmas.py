"""Lemmas by edit scripts: the longest ending of a word that the table knows for its tag says what to do.

A script: what becomes of the letters' case (0 keep, 1 all small), how many bytes to cut from the end, and what to append.
The table maps hash(tag, ending, whole word or not) to a script; an entry is left out where the next shorter ending says
the same. Swift: Sources/Features/Syntax/Lemmatizer.swift.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from .conllu import Sentence
from .hashing import FNV_PRIME, MASK, fnv1a
from .words import clipped

LONGEST_ENDING = 6
WHOLE = 0x9D

Script = tuple[int, int, bytes]


def script_of(form: str, lemma: str) -> Script:
    best: Script | None = None
    # Small letters first: a word that has no capitals must speak for those that stand at a sentence's beginning.
    for case in (1, 0):
        base = folded(form.encode(), case)
        target = lemma.encode()
        shared = 0
        while shared < min(len(base), len(target)) and base[shared] == target[shared]:
            shared += 1
        script = (case, len(base) - shared, target[shared:])
        if best is None or script[1] + len(script[2]) < best[1] + len(best[2]):
            best = script
    return best


def folded(raw: bytes, case: int) -> bytes:
    return bytes(byte + 32 if 65 <= byte <= 90 and case else byte for byte in raw)


def applied(form: str, script: Script) -> bytes:
    base = folded(form.encode(), script[0])
    return base[: len(base) - script[1]] + script[2] if script[1] <= len(base) else base


def endings(form: str, tag: int) -> list[int]:
    """Keys from the empty ending to the longest, then the whole word, then the word in its own case."""
    raw = clipped(form.encode())
    small = folded(raw, 1)
    keys = []
    value = fnv1a(bytes([tag]))
    keys.append(value)
    for length in range(1, min(LONGEST_ENDING, len(small)) + 1):
        value = ((value ^ small[-length]) * FNV_PRIME) & MASK
        keys.append(value)
    keys.append(fnv1a(bytes([tag, WHOLE]) + small))
    keys.append(fnv1a(bytes([tag, WHOLE, 1]) + raw))
    return keys


class Lemmatizer:
    """`scripts`: numbered; `table`: key → number."""

    def __init__(self, scripts: list[Script], table: dict[int, int]) -> None:
        self.scripts, self.table = scripts, table

    @classmethod
    def learned(cls, sentences: list[Sentence], tags: list, prior: float) -> "Lemmatizer":
        """`prior`: how many words' worth of the shorter ending's opinion a longer ending has to outweigh."""
        counts: dict[int, Counter] = defaultdict(Counter)
        chains: dict[tuple[str, int], list[int]] = {}
        for sentence, row in zip(sentences, tags):
            for form, lemma, tag in zip(sentence.forms, sentence.lemmas, row):
                tag = int(tag)
                if tag < 0 or lemma == "_":
                    continue
                script = script_of(form, lemma)
                chain = chains.setdefault((form, tag), endings(form, tag))
                for place, key in enumerate(chain):
                    # Endings count types rather than tokens: a frequent irregular word is no rule.
                    counts[key][script] += 1
        types: dict[int, Counter] = defaultdict(Counter)
        seen = set()
        for sentence, row in zip(sentences, tags):
            for form, lemma, tag in zip(sentence.forms, sentence.lemmas, row):
                tag = int(tag)
                script = script_of(form, lemma)
                if tag < 0 or lemma == "_" or (form.lower(), tag, script) in seen:
                    continue
                seen.add((form.lower(), tag, script))
                for key in chains[form, tag][:-2]:
                    types[key][script] += 1
        table: dict[int, Script] = {}
        for chain in sorted(chains.values(), key=lambda keys: keys):
            opinion: Script = (0, 0, b"")
            for place, key in enumerate(chain):
                exact = place >= len(chain) - 2
                votes = counts[key] if exact else types[key]
                if not votes:
                    continue
                best = min(votes, key=lambda script: (-votes[script], script))
                if best != opinion and votes[best] > votes[opinion] + (0 if exact else prior):
                    table[key] = best
                    opinion = best
                elif key in table:
                    opinion = table[key]
        used = Counter(table.values())
        scripts = [(0, 0, b"")] + sorted(set(used) - {(0, 0, b"")})
        number = {script: place for place, script in enumerate(scripts)}
        return cls(scripts, {key: number[script] for key, script in sorted(table.items())})

    def learn_attested(self, known: int, sentences: list[Sentence], tags: list, base_of_tag: dict[int, set[int]]) -> None:
        """Exceptions for words outside the treebank, whose sentences are the first `known`: where a word's rule gives a
        lemma that nobody writes, and a regular script of the same tag one that is written. 'Smelled' is of 'smell', not
        of 'smel'. `tags` may be a teacher's; a lemma is written if it occurs with a tag of `base_of_tag`."""
        written: dict[int, Counter] = defaultdict(Counter)
        words: Counter = Counter()
        treebank = set()
        for place, (sentence, row) in enumerate(zip(sentences, tags)):
            for form, tag in zip(sentence.forms, row):
                written[int(tag)][form.lower()] += 1
                if int(tag) in base_of_tag:
                    words[form.lower(), int(tag)] += 1
                    if place < known:
                        treebank.add((form.lower(), int(tag)))
        # What ends a regular form: at most three bytes are cut, and one or none is appended.
        regular: dict[int, Counter] = defaultdict(Counter)
        for form, tag in sorted(words):
            number = self.script(form, tag)
            if 0 < self.scripts[number][1] <= 3 and len(self.scripts[number][2]) <= 1:
                regular[tag][number] += 1
        for (form, tag), count in sorted(words.items()):
            if count < 2 or (form, tag) in treebank:
                continue

            def times(number: int, form: str = form, tag: int = tag) -> int:
                lemma = applied(form, self.scripts[number]).decode("utf-8", "replace").lower()
                return sum(written[base][lemma] for base in base_of_tag[tag])

            if not regular[tag] or times(self.script(form, tag)) > 0:
                continue
            best = max(regular[tag], key=lambda number: (times(number), regular[tag][number], -number))
            if times(best) > 1:
                self.table[endings(form, tag)[-2]] = best

    def script(self, form: str, tag: int) -> int:
        for key in reversed(endings(form, tag)):
            if key in self.table:
                return self.table[key]
        return 0

    def lemma(self, form: str, tag: int) -> str:
        return applied(form, self.scripts[self.script(form, tag)]).decode("utf-8", "replace")
