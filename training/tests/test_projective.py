"""Eisner's algorithm against every tree there is."""

import itertools

import numpy

from training.syntax.projective import projective_heads


def is_projective_tree(heads: tuple[int, ...]) -> bool:
    """Whether heads of words 1 … n (0 is the root) make a projective tree with one child of the root."""
    if heads.count(0) != 1:
        return False
    for word in range(1, len(heads) + 1):
        seen, node = set(), word
        while node != 0:
            if node in seen:
                return False
            seen.add(node)
            node = heads[node - 1]
    arcs = [(min(word, head), max(word, head)) for word, head in enumerate(heads, 1)]
    return not any(a < c < b < d for (a, b), (c, d) in itertools.permutations(arcs, 2))


def test_the_tree_is_the_best_of_all_projective_ones() -> None:
    generator = numpy.random.default_rng(3)
    for n in (1, 2, 3, 4, 5):
        trees = [heads for heads in itertools.product(range(n + 1), repeat=n) if is_projective_tree(heads)]
        for _ in range(40):
            scores = generator.normal(size=(n, n + 1))
            best = max(trees, key=lambda heads: sum(scores[word, head] for word, head in enumerate(heads)))
            assert tuple(projective_heads(scores)) == best
