"""Trains the tagger, the lemmas and the parser, and writes the gateway's model.

    python -m training.train_syntax [--report]

Tagger, lemmas and parser learn from the English Web Treebank and from what their teacher says of the essays
(`train_syntax_teacher`). Word classes come from the treebank's training part and the essays. Choices are made on the
development part; --report prints the test part's figures, too, and writes the decisions that the Swift tests compare
with.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from pathlib import Path

import numpy
import torch
from tqdm import tqdm

from .places import ESSAYS, ROOT, SILVER, TREEBANK
from .syntax import clusters, conllu, lemmas, model_file, network, parser as parsing, tables, tagger
from .syntax.hashing import FNV_OFFSET, FNV_PRIME, MASK
from .syntax.inventory import SPARE_LABEL, label_inventory, tag_inventory
from .syntax.words import COARSE, FINE, AMBIGUITY, SHAPE, SUFFIX2, UNKNOWN, WORD, Lexicon, form_atoms

MODEL = ROOT / "Sources" / "CLinguisticModel" / "syntax.bin"
DIGESTS = ROOT / "Tests" / "FeaturesTests" / "Fixtures" / "syntax-digests.txt"


class Corpus:
    """Sentences with their joint tags as numbers (-1 for a rare one): the treebank's, then the teacher's."""

    def __init__(self, gold: list[conllu.Sentence], silver: list[conllu.Sentence], numbers: dict[tuple[str, str], int]
                 ) -> None:
        self.sentences, self.gold = [*gold, *silver], len(gold)
        self.tags = [numpy.array([numbers.get(pair, -1) for pair in zip(s.xpos, s.upos)], dtype=numpy.int64)
                     for s in self.sentences]

    def part(self, places: list[int]) -> "Corpus":
        other = Corpus([], [], {})
        other.sentences = [self.sentences[place] for place in places]
        other.tags = [self.tags[place] for place in places]
        other.gold = sum(place < self.gold for place in places)
        return other

    def lexicon(self, word_classes: tuple[dict, dict], numbering: Lexicon | None = None) -> Lexicon:
        """What the treebank's sentences say of words."""
        return Lexicon.learned(self.sentences[: self.gold], self.tags[: self.gold], word_classes, numbering=numbering)


class Noise:
    """Atoms of a corpus with rare words made unknown at random: α / (α + count) of a word's occurrences."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon, alpha: float) -> None:
        self.alpha = alpha
        rows = [lexicon.atoms(sentence.forms) for sentence in corpus.sentences]
        self.flat = numpy.concatenate(rows)
        self.ends = numpy.cumsum([len(row) for row in rows])[:-1]
        keys = [form_atoms(form)[0] for sentence in corpus.sentences for form in sentence.forms]
        counts = Counter(keys)
        self.counts = numpy.array([counts[key] for key in keys])
        self.unknown = UNKNOWN + (self.flat[:, SHAPE] & 0x1FF) * 65536 + self.flat[:, SUFFIX2]

    def atoms(self, generator: numpy.random.Generator) -> list[numpy.ndarray]:
        flat = self.flat.copy()
        hidden = generator.random(len(flat)) < self.alpha / (self.alpha + self.counts)
        flat[hidden, WORD] = self.unknown[hidden]
        flat[hidden, AMBIGUITY] = 0
        quarter = self.alpha / 4
        unclassed = generator.random(len(flat)) < quarter / (quarter + self.counts)
        flat[unclassed, FINE] = 0
        flat[unclassed, COARSE] = 0
        return numpy.split(flat, self.ends)


def train_tagger(corpus: Corpus, lexicon: Lexicon, classes: int, epochs: int, options: argparse.Namespace, what: str
                 ) -> tables.Packed:
    """The treebank's sentences, which come first in the corpus, are met twice in a pass."""
    learned = tables.Learned(classes, 23, 4_000_000)
    generator = numpy.random.default_rng(options.seed)
    noise = Noise(corpus, lexicon, options.alpha)
    places = numpy.concatenate([numpy.arange(corpus.gold), numpy.arange(len(corpus.sentences))])
    step = 0
    for _ in tqdm(range(epochs), desc=what):
        starts, atoms = tagger.stacked(noise.atoms(generator))
        gold = tagger.spread(starts, corpus.tags)
        step, _ = tagger.train_epoch(
            generator.permutation(places), starts, atoms, gold, *learned.arrays, step, options.margin)
    return tables.Packed.of(*learned.averaged(step), 17, options.tagger_rows, classes)


def jackknifed(corpus: Corpus, lexicon: Lexicon, word_classes: tuple[dict, dict], classes: int,
               options: argparse.Namespace) -> list[numpy.ndarray]:
    """Every sentence's tags by a tagger that has not seen it: what the parser will meet."""
    result: list[numpy.ndarray] = [numpy.zeros(0)] * len(corpus.sentences)
    for fold in range(options.folds):
        inside = [place for place in range(len(result)) if place // 200 % options.folds != fold]
        outside = [place for place in range(len(result)) if place // 200 % options.folds == fold]
        part = corpus.part(inside)
        own = part.lexicon(word_classes, numbering=lexicon)
        packed = train_tagger(part, own, classes, options.fold_epochs, options, f"tagger without part {fold}")
        atoms = [own.atoms(corpus.sentences[place].forms) for place in outside]
        for place, row in zip(outside, tagger.packed_tags(packed, classes, atoms)):
            result[place] = row
    return result


def vocabulary(corpora: list[tuple[list[conllu.Sentence], float]], lexicon: Lexicon, most: int
               ) -> tuple[dict[int, int], parsing.WordColumns]:
    """The parser's words: the most frequent ones of all corpora, each with its weight."""
    numbers, counts = parsing.frequent_words(corpora, most)
    forms: dict[int, str] = {}
    for sentences, _ in corpora:
        for sentence in sentences:
            for form in sentence.forms:
                forms.setdefault(form_atoms(form)[0], form.lower())
    return numbers, parsing.WordColumns.of(forms, numbers, counts, lexicon)


BASES = {"VBD": "VB VBP", "VBG": "VB VBP", "VBN": "VB VBP", "VBZ": "VB VBP", "NNS": "NN", "JJR": "JJ", "JJS": "JJ",
         "RBR": "RB", "RBS": "RB"}
"""With which tags the lemma of an inflected word occurs."""


def lemmatizer_of(corpus: Corpus, tag_names: list[tuple[str, str]], prior: float) -> lemmas.Lemmatizer:
    """Rules and exceptions from the treebank; exceptions also from which words the essays have."""
    learned = lemmas.Lemmatizer.learned(corpus.sentences[: corpus.gold], corpus.tags[: corpus.gold], prior)
    numbers: dict[str, set[int]] = {}
    for number, (xpos, _) in enumerate(tag_names):
        numbers.setdefault(xpos, set()).add(number)
    bases = {number: set().union(*(numbers[base] for base in BASES[xpos].split()))
             for number, (xpos, _) in enumerate(tag_names) if xpos in BASES}
    learned.learn_attested(corpus.gold, corpus.sentences, corpus.tags, bases)
    return learned


class Model:
    """Everything that decides, as Swift has it."""

    def __init__(self, tag_names, label_names, lexicon, tagger_table, word_numbers, network, lemmatizer) -> None:
        self.tag_names, self.label_names, self.lexicon = tag_names, label_names, lexicon
        self.tagger_table, self.word_numbers, self.network = tagger_table, word_numbers, network
        self.lemmatizer = lemmatizer
        self.upos = [upos for _, upos in tag_names]

    def tags(self, sentences: list[conllu.Sentence]) -> list[numpy.ndarray]:
        atoms = [self.lexicon.atoms(sentence.forms) for sentence in sentences]
        return tagger.packed_tags(self.tagger_table, len(self.tag_names), atoms)

    def trees(self, sentences: list[conllu.Sentence], tags: list[numpy.ndarray]) -> parsing.Trees:
        return parsing.Trees(sentences, tags, self.lexicon, self.word_numbers, self.upos, self.label_names)

    def analyze(self, sentences: list[conllu.Sentence]):
        """Per sentence: tags, lemmas, heads (n for the root's child), labels (numbers)."""
        tags = self.tags(sentences)
        heads, labels = self.network.parse(self.trees(sentences, tags).nodes)
        lemma = [[self.lemmatizer.lemma(form, int(tag)) for form, tag in zip(sentence.forms, row)]
                 for sentence, row in zip(sentences, tags)]
        return tags, lemma, heads, labels

    def figures(self, sentences: list[conllu.Sentence], names=("UPOS", "XPOS", "lemma", "UAS", "LAS")) -> str:
        total, hits = 0, Counter()
        for sentence, tags, lemma, heads, labels in zip(sentences, *self.analyze(sentences)):
            total += len(sentence)
            for place in range(len(sentence)):
                xpos, upos = self.tag_names[tags[place]]
                hits["XPOS"] += xpos == sentence.xpos[place]
                hits["UPOS"] += upos == sentence.upos[place]
                hits["lemma"] += sentence.lemmas[place] in ("_", lemma[place])
                head = heads[place] if heads[place] < len(sentence) else -1
                if head == sentence.heads[place]:
                    hits["UAS"] += 1
                    hits["LAS"] += self.label_names[labels[place]] == sentence.labels[place]
        return ", ".join(f"{name} {hits[name] / total:.2%}" for name in names)

    def digests(self, sentences: list[conllu.Sentence]) -> list[str]:
        """64-bit FNV-1a over a sentence's decisions, token by token: tag, lemma's bytes, head + 1 (two bytes), label."""
        lines = []
        for sentence, tags, lemma, heads, labels in zip(sentences, *self.analyze(sentences)):
            value = FNV_OFFSET
            for place in range(len(sentence)):
                head = heads[place] + 1 if heads[place] < len(sentence) else 0
                for byte in (tags[place], *lemma[place].encode(), head & 255, head >> 8, labels[place]):
                    value = ((value ^ int(byte)) * FNV_PRIME) & MASK
            lines.append(f"{value:016x}")
        return lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--treebank", type=Path, default=TREEBANK, help="folder of en_ewt-ud-*.conllu")
    add("--essays", type=Path, default=ESSAYS, help="folder of train.jsonl, for word classes")
    add("--output", type=Path, default=MODEL, help="where the model goes")
    add("--digests", type=Path, default=DIGESTS, help="where the test part's decisions go, with --report")
    add("--seed", type=int, default=1, help="of shuffling and noise")
    add("--classes-fine", type=int, default=800, help="word classes")
    add("--classes-coarse", type=int, default=100, help="word classes of the second, coarser division")
    add("--class-words", type=int, default=3, help="a word has a class if it occurs this often")
    add("--class-rounds", type=int, default=10, help="rounds of exchange")
    add("--alpha", type=float, default=1.0, help="rare words are hidden with alpha / (alpha + count)")
    add("--margin", type=int, default=30, help="a tag won by less is learned from")
    add("--tagger-epochs", type=int, default=5, help="passes of the tagger")
    add("--fold-epochs", type=int, default=3, help="passes of the taggers for the parser's tags")
    add("--tagger-rows", type=int, default=45_000, help="features kept, the heaviest")
    add("--folds", type=int, default=5, help="parts of the training data for the parser's tags")
    add("--silver", type=Path, default=SILVER, help="the teacher's trees, from train_syntax_teacher")
    add("--no-silver", action="store_true", help="learn from the treebank alone, to see what the teacher brings")
    add("--silver-words", type=int, default=700_000, help="of them in an epoch, beside the whole treebank")
    add("--parser-words", type=int, default=4600, help="the parser's vocabulary; a treebank's word counts five times")
    add("--parser-units", type=int, default=160, help="the hidden layer's size (Swift's ParserNetwork.units)")
    add("--parser-epochs", type=int, default=10, help="passes of the parser")
    add("--treebank-epochs", type=int, default=1, help="passes at the end over the treebank alone")
    add("--parser-batch", type=int, default=1024, help="states a step")
    add("--parser-rate", type=float, default=2e-3, help="the parser's learning rate")
    add("--parser-alpha", type=float, default=0.5, help="a known word is hidden with alpha / (alpha + count)")
    add("--parser-dropout", type=float, default=0.2, help="of hidden units")
    add("--explore", type=float, default=0.9, help="probability that the parser's own error is followed")
    add("--threads", type=int, default=1, help="of torch")
    add("--lemma-prior", type=float, default=0.0, help="words by which a longer ending must outweigh a shorter one")
    add("--cached-classes", type=Path, help="a file to keep the word classes in between runs")
    add("--report", action="store_true", help="print the test part's figures and write its digests")
    return parser.parse_args()


def word_classes(train: list[conllu.Sentence], options: argparse.Namespace) -> tuple[dict, dict]:
    if options.cached_classes and options.cached_classes.exists():
        return pickle.loads(options.cached_classes.read_bytes())
    lines = list(clusters.texts(options.essays / "train.jsonl", train))
    fine, coarse = clusters.learn(
        lines, (options.classes_fine, options.classes_coarse), options.class_words, options.class_rounds)
    if options.cached_classes:
        options.cached_classes.write_bytes(pickle.dumps((fine, coarse)))
    return fine, coarse


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    train, dev = (conllu.read(options.treebank / f"en_ewt-ud-{part}.conllu") for part in ("train", "dev"))
    silver = [] if options.no_silver else conllu.read(options.silver)
    tag_names, label_names = tag_inventory(train), label_inventory(train)
    corpus = Corpus(train, silver, {pair: place for place, pair in enumerate(tag_names)})

    classes = word_classes(train, options)
    lexicon = corpus.lexicon(classes)
    tagger_table = train_tagger(corpus, lexicon, len(tag_names), options.tagger_epochs, options, "tagger")
    lemmatizer = lemmatizer_of(corpus, tag_names, options.lemma_prior)
    word_numbers, columns = vocabulary([(train, 5.0), (silver, 1.0)], lexicon, options.parser_words)
    model = Model(tag_names, label_names, lexicon, tagger_table, word_numbers, None, lemmatizer)

    tags = jackknifed(corpus, lexicon, classes, len(tag_names), options)
    gold = model.trees(train, tags[: len(train)])
    others = model.trees(silver, tags[len(train) :]) if silver else None
    layout = network.Layout(len(word_numbers), max(lexicon.fine.values()), len(tag_names), len(label_names),
                            label_names.index(SPARE_LABEL))
    plan = parsing.Plan(
        hidden=options.parser_units, epochs=options.parser_epochs, silver_words=options.silver_words,
        gold_epochs=options.treebank_epochs, batch=options.parser_batch, rate=options.parser_rate,
        alpha=options.parser_alpha, dropout=options.parser_dropout, explore=options.explore, seed=options.seed)

    def check(learned: network.Network) -> str:
        model.network = parsing.as_learned(learned, columns)
        exact = model.figures(dev, ("UAS", "LAS"))
        model.network = parsing.packed(learned, columns)
        return f"dev {model.figures(dev, ('UAS', 'LAS'))}, {exact} in floats"

    learned = parsing.train(gold, others, layout, columns, plan, check)
    model.network = parsing.packed(learned, columns)
    print("dev: ", model.figures(dev))
    size = model_file.write(
        options.output, tag_names, label_names, lexicon, tagger_table, word_numbers, model.network, lemmatizer)
    print(f"{options.output}: {size / 1e6:.2f} MB")
    if options.report:
        test = conllu.read(options.treebank / "en_ewt-ud-test.conllu")
        print("test:", model.figures(test))
        options.digests.parent.mkdir(parents=True, exist_ok=True)
        options.digests.write_text("\n".join(model.digests(test)) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
