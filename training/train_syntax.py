"""Trains the tagger, the lemmas and the parser on the English Web Treebank and writes the gateway's model.

    python -m training.train_syntax [--report]

Word classes come from the treebank's training part and the essays. Choices are made on the development part; --report
prints the test part's figures, too, and writes the decisions that the Swift tests compare with.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from pathlib import Path

import numpy
from tqdm import tqdm

from .places import ESSAYS, ROOT
from .syntax import clusters, conllu, labels as labeling, lemmas, model_file, parser as parsing, tables, tagger
from .syntax.hashing import FNV_OFFSET, FNV_PRIME, MASK
from .syntax.words import COARSE, FINE, AMBIGUITY, SHAPE, SUFFIX2, UNKNOWN, WORD, Lexicon, form_atoms

MODEL = ROOT / "Sources" / "CLinguisticModel" / "syntax.bin"
DIGESTS = ROOT / "Tests" / "FeaturesTests" / "Fixtures" / "syntax-digests.txt"


class Corpus:
    """Sentences with their joint tags as numbers (-1 for a rare one)."""

    def __init__(self, sentences: list[conllu.Sentence], numbers: dict[tuple[str, str], int]) -> None:
        self.sentences = sentences
        self.tags = [numpy.array([numbers.get(pair, -1) for pair in zip(s.xpos, s.upos)], dtype=numpy.int64)
                     for s in sentences]

    def part(self, places: list[int]) -> "Corpus":
        other = Corpus([], {})
        other.sentences = [self.sentences[place] for place in places]
        other.tags = [self.tags[place] for place in places]
        return other


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


def train_tagger(corpus: Corpus, lexicon: Lexicon, classes: int, options: argparse.Namespace, what: str) -> tables.Packed:
    learned = tables.Learned(classes, 22, 1_500_000)
    generator = numpy.random.default_rng(options.seed)
    noise = Noise(corpus, lexicon, options.alpha)
    step = 0
    for _ in tqdm(range(options.tagger_epochs), desc=what):
        starts, atoms = tagger.stacked(noise.atoms(generator))
        gold = tagger.spread(starts, corpus.tags)
        order = generator.permutation(len(corpus.sentences))
        step, _ = tagger.train_epoch(order, starts, atoms, gold, *learned.arrays, step, options.margin)
    return tables.Packed.of(*learned.averaged(step), 17, options.tagger_rows, classes)


def jackknifed(corpus: Corpus, lexicon: Lexicon, word_classes: tuple[dict, dict], classes: int,
               options: argparse.Namespace) -> list[numpy.ndarray]:
    """Every training sentence's tags by a tagger that has not seen it: what the parser will meet."""
    result: list[numpy.ndarray] = [numpy.zeros(0)] * len(corpus.sentences)
    for fold in range(options.folds):
        inside = [place for place in range(len(result)) if place // 200 % options.folds != fold]
        outside = [place for place in range(len(result)) if place // 200 % options.folds == fold]
        part = corpus.part(inside)
        own = Lexicon.learned(part.sentences, part.tags, word_classes, numbering=lexicon)
        packed = train_tagger(part, own, classes, options, f"tagger without part {fold}")
        atoms = [own.atoms(corpus.sentences[place].forms) for place in outside]
        for place, row in zip(outside, tagger.packed_tags(packed, classes, atoms)):
            result[place] = row
    return result


def train_parser(nodes: parsing.Nodes, corpus: Corpus, options: argparse.Namespace) -> numpy.ndarray:
    gold = numpy.zeros(2 * nodes.starts[-1], dtype=numpy.int64)
    for sentence, first in zip(corpus.sentences, nodes.starts):
        heads = numpy.array([head if head >= 0 else len(sentence) for head in sentence.heads])
        parsing.gold_actions(heads, gold[2 * first : 2 * first + 2 * len(sentence)])
    learned = tables.Learned(3, 25, 10_000_000)
    touched = numpy.zeros(1 << 24, dtype=numpy.uint8)
    generator = numpy.random.default_rng(options.seed + 1)
    clock = 0
    for _ in tqdm(range(options.parser_epochs), desc="parser"):
        order = generator.permutation(len(corpus.sentences))
        clock, _ = parsing.train_epoch(order, *nodes.arrays, gold, options.beam, *learned.arrays, clock, options.least,
                                       touched)
    keys, weights = learned.averaged(clock)
    slots, scale, dropped = parsing.packed_actions(keys, weights, options.parser_bits)
    print(f"parser: {len(keys)} rows, {dropped} without a place, scale {scale:.2f}")
    return slots


def auxiliaries(nodes: parsing.Nodes, upos: list[str]) -> numpy.ndarray:
    kinds = numpy.array([*upos, "", ""])
    return (kinds[nodes.tags.astype(numpy.int64)] == "AUX").astype(numpy.int64)


def label_arrays(nodes: parsing.Nodes, upos: list[str]):
    return (nodes.starts, nodes.words, nodes.tags, nodes.fine, nodes.coarse, nodes.is_case, auxiliaries(nodes, upos))


def train_labels(nodes: parsing.Nodes, corpus: Corpus, upos: list[str], label_names: list[str],
                 options: argparse.Namespace) -> tables.Packed:
    number = {name: place for place, name in enumerate(label_names)}
    heads = nodes.spread([[head if head >= 0 else len(s) for head in s.heads] for s in corpus.sentences], -1)
    gold = nodes.spread([[number.get(label, 0) for label in s.labels] for s in corpus.sentences], 0)
    learned = tables.Learned(len(label_names), 22, 1_500_000)
    generator = numpy.random.default_rng(options.seed + 2)
    step = 0
    arrays = label_arrays(nodes, upos)
    for _ in tqdm(range(options.label_epochs), desc="labels"):
        order = generator.permutation(len(corpus.sentences))
        step, _ = labeling.train_epoch(order, *arrays, heads, gold, *learned.arrays, step, options.margin)
    width = (len(label_names) + 15) // 16 * 16
    return tables.Packed.of(*learned.averaged(step), 17, options.label_rows, width)


class Model:
    """Everything that decides, as Swift has it."""

    def __init__(self, tag_names, label_names, lexicon, tagger_table, actions, labeler, lemmatizer, beam) -> None:
        self.tag_names, self.label_names, self.lexicon = tag_names, label_names, lexicon
        self.tagger_table, self.actions, self.labeler = tagger_table, actions, labeler
        self.lemmatizer, self.beam = lemmatizer, beam
        self.upos = [upos for _, upos in tag_names]

    def analyze(self, sentences: list[conllu.Sentence]):
        """Per sentence: tags, lemmas, heads (n for the root's child), labels (numbers)."""
        atoms = [self.lexicon.atoms(sentence.forms) for sentence in sentences]
        tags = tagger.packed_tags(self.tagger_table, len(self.tag_names), atoms)
        nodes = parsing.Nodes(atoms, tags, self.upos)
        heads = numpy.zeros(nodes.starts[-1], dtype=numpy.int64)
        bits = int(numpy.log2(len(self.actions)))
        parsing.parse(*nodes.arrays, self.beam, self.actions, 64 - bits, heads)
        labels = numpy.zeros(nodes.starts[-1], dtype=numpy.int64)
        labeling.label(*label_arrays(nodes, self.upos), heads, *self.labeler.arrays, len(self.label_names), labels)
        lemma = [[self.lemmatizer.lemma(form, int(tag)) for form, tag in zip(sentence.forms, row)]
                 for sentence, row in zip(sentences, tags)]
        return tags, lemma, nodes.gathered(heads), nodes.gathered(labels)

    def figures(self, sentences: list[conllu.Sentence]) -> str:
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
        return ", ".join(f"{name} {hits[name] / total:.2%}" for name in ("UPOS", "XPOS", "lemma", "UAS", "LAS"))

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
    add("--treebank", type=Path, default=ROOT.parent / "shared" / "data" / "ud", help="folder of en_ewt-ud-*.conllu")
    add("--essays", type=Path, default=ESSAYS, help="folder of train.jsonl and dev.jsonl, for word classes")
    add("--output", type=Path, default=MODEL, help="where the model goes")
    add("--digests", type=Path, default=DIGESTS, help="where the test part's decisions go, with --report")
    add("--seed", type=int, default=1, help="of shuffling and noise")
    add("--tag-classes", type=int, default=80, help="joint tags, the most frequent ones")
    add("--classes-fine", type=int, default=800, help="word classes")
    add("--classes-coarse", type=int, default=100, help="word classes of the second, coarser division")
    add("--class-words", type=int, default=3, help="a word has a class if it occurs this often")
    add("--class-rounds", type=int, default=10, help="rounds of exchange")
    add("--alpha", type=float, default=1.0, help="rare words are hidden with alpha / (alpha + count)")
    add("--margin", type=int, default=30, help="a decision won by less is learned from (tagger, labels)")
    add("--tagger-epochs", type=int, default=8, help="passes of the tagger")
    add("--tagger-rows", type=int, default=45_000, help="features kept, the heaviest")
    add("--folds", type=int, default=5, help="parts of the training data for the parser's tags")
    add("--parser-epochs", type=int, default=14, help="passes of the parser")
    add("--parser-bits", type=int, default=21, help="logarithm of the parser's number of slots")
    add("--beam", type=int, default=4, help="states that the parser keeps, in training and later")
    add("--least", type=int, default=2, help="a feature is kept from its n-th part in an error on")
    add("--label-epochs", type=int, default=6, help="passes of the labels")
    add("--label-rows", type=int, default=40_000, help="features kept, the heaviest")
    add("--lemma-prior", type=float, default=0.0, help="words by which a longer ending must outweigh a shorter one")
    add("--cached-classes", type=Path, help="a file to keep the word classes in between runs")
    add("--report", action="store_true", help="print the test part's figures and write its digests")
    return parser.parse_args()


def word_classes(train: list[conllu.Sentence], options: argparse.Namespace) -> tuple[dict, dict]:
    if options.cached_classes and options.cached_classes.exists():
        return pickle.loads(options.cached_classes.read_bytes())
    essays = [options.essays / "train.jsonl", options.essays / "dev.jsonl"]
    lines = list(clusters.texts(essays, train))
    fine, coarse, _ = clusters.learn(
        lines, (options.classes_fine, options.classes_coarse), options.class_words, options.class_rounds)
    if options.cached_classes:
        options.cached_classes.write_bytes(pickle.dumps((fine, coarse)))
    return fine, coarse


def main() -> None:
    options = arguments()
    train, dev = (conllu.read(options.treebank / f"en_ewt-ud-{part}.conllu") for part in ("train", "dev"))
    pairs = Counter(pair for sentence in train for pair in zip(sentence.xpos, sentence.upos))
    tag_names = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[: options.tag_classes]
    corpus = Corpus(train, {pair: place for place, pair in enumerate(tag_names)})
    counts = Counter(label for sentence in train for label in sentence.labels if label != "root")
    label_names = ["", "root", *sorted(counts, key=lambda name: (-counts[name], name))[:46]]
    upos = [name for _, name in tag_names]

    classes = word_classes(train, options)
    lexicon = Lexicon.learned(train, corpus.tags, classes)
    tagger_table = train_tagger(corpus, lexicon, len(tag_names), options, "tagger")
    lemmatizer = lemmas.Lemmatizer.learned(train, corpus.tags, options.lemma_prior)
    tags = jackknifed(corpus, lexicon, classes, len(tag_names), options)
    atoms = [lexicon.atoms(sentence.forms) for sentence in train]
    nodes = parsing.Nodes(atoms, tags, upos)
    labeler = train_labels(nodes, corpus, upos, label_names, options)
    actions = train_parser(nodes, corpus, options)
    model = Model(tag_names, label_names, lexicon, tagger_table, actions, labeler, lemmatizer, options.beam)
    print("dev: ", model.figures(dev))
    size = model_file.write(options.output, tag_names, label_names, lexicon, tagger_table, actions, labeler, lemmatizer,
                            options.beam)
    print(f"{options.output}: {size / 1e6:.2f} MB")
    if options.report:
        test = conllu.read(options.treebank / "en_ewt-ud-test.conllu")
        print("test:", model.figures(test))
        options.digests.parent.mkdir(parents=True, exist_ok=True)
        options.digests.write_text("\n".join(model.digests(test)) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
