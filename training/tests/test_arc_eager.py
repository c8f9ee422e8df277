"""The parser's transitions against exhaustive search over small trees."""

import random

import numpy
import pytest

from training.syntax import arc_eager
from training.syntax.arc_eager import ACTIONS, HEAD, LABEL, TREE


class State:
    def __init__(self, n: int) -> None:
        self.n, self.size, self.b0 = n, 0, 0
        self.stack = numpy.zeros(n + 2, dtype=numpy.int32)
        self.tree = numpy.zeros((TREE, n + 2), dtype=numpy.int32)
        arc_eager.start(self.tree, n)

    def copy(self) -> "State":
        other = State(self.n)
        other.size, other.b0 = self.size, self.b0
        other.stack[:], other.tree[:] = self.stack, self.tree
        return other

    @property
    def finished(self) -> bool:
        return self.size == 0 and self.b0 == self.n

    def allowed(self) -> list[int]:
        out = numpy.zeros(ACTIONS, dtype=bool)
        arc_eager.allowed(self.stack, self.size, self.b0, self.n, self.tree, out)
        return list(numpy.flatnonzero(out))

    def free(self, heads: numpy.ndarray) -> set[int]:
        last_child = numpy.full(self.n + 2, -1, dtype=numpy.int32)
        for word in range(self.n):
            last_child[heads[word]] = word
        out = numpy.zeros(ACTIONS, dtype=bool)
        arc_eager.free(self.stack, self.size, self.b0, self.n, self.tree, heads, last_child, out)
        return set(numpy.flatnonzero(out)) & set(self.allowed())

    def after(self, action: int) -> "State":
        other = self.copy()
        other.size, other.b0 = arc_eager.advance(
            action, 2, other.stack, other.size, other.b0, other.n, other.tree)
        return other

    def right(self, heads: numpy.ndarray) -> int:
        return int((self.tree[HEAD, : self.n] == heads[: self.n]).sum())

    def most_right(self, heads: numpy.ndarray) -> int:
        """The most arcs of a tree that an end reachable from here can have."""
        if self.finished:
            return self.right(heads)
        return max(self.after(action).most_right(heads) for action in self.allowed())


def projective_tree(n: int, generator: random.Random) -> numpy.ndarray:
    """Heads of n words, n for the root's only child; -1 for the two nodes behind."""
    heads = numpy.full(n + 2, -1, dtype=numpy.int32)

    def attach(first: int, last: int, head: int) -> None:
        """A subtree over words first … last - 1 below `head`."""
        top = generator.randrange(first, last)
        heads[top] = head
        for start, end in ((first, top), (top + 1, last)):
            while start < end:
                cut = generator.randint(start + 1, end)
                attach(start, cut, top)
                start = cut

    attach(0, n, n)
    return heads


@pytest.fixture
def generator() -> random.Random:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    return random.Random(seed)


def test_the_oracle_leads_to_the_tree(generator: random.Random) -> None:
    for _ in range(200):
        n = generator.randint(1, 12)
        heads = projective_tree(n, generator)
        state, steps = State(n), 0
        while not state.finished:
            state = state.after(generator.choice(sorted(state.free(heads))))
            steps += 1
        assert state.right(heads) == n and steps == 2 * n


def test_free_transitions_are_those_that_lose_nothing(generator: random.Random) -> None:
    for _ in range(60):
        n = generator.randint(1, 5)
        heads = projective_tree(n, generator)
        state = State(n)
        while not state.finished:
            best = state.most_right(heads)
            expected = {action for action in state.allowed() if state.after(action).most_right(heads) == best}
            assert state.free(heads) == expected
            state = state.after(generator.choice(state.allowed()))


def test_whatever_is_chosen_ends_in_a_tree_with_one_child_of_the_root(generator: random.Random) -> None:
    for _ in range(300):
        n = generator.randint(1, 20)
        state, steps = State(n), 0
        while not state.finished:
            state = state.after(generator.choice(state.allowed()))
            steps += 1
        assert steps == 2 * n
        arc_eager.finish(n, state.tree, 7)
        heads, labels = state.tree[HEAD, :n], state.tree[LABEL, :n]
        assert list(heads).count(n) == 1 and labels[list(heads).index(n)] == 1
        for word in range(n):
            seen = set()
            while word != n:
                assert word not in seen
                seen.add(word)
                word = heads[word]
