"""Arc-eager transitions (Nivre 2003) with a dynamic oracle (Goldberg and Nivre 2012), and what a state shows.

The root stands behind the last word. SHIFT moves the buffer's first word to the stack; RIGHT does, too, and makes the
stack's top its head; LEFT makes the buffer's first node the head of the stack's top, which leaves; REDUCE lets a top
leave that has a head. Every sentence of n words takes 2 n transitions. Where more than one word got the root, all but
the first hang on the first.

Nodes of a sentence: its words 0 … n - 1, the root n, and n + 1, which stands for none. Swift:
Sources/Features/Syntax/ParserState.swift; the order of what a state shows is the contract.
"""

from __future__ import annotations

from numba import njit

SHIFT, RIGHT, LEFT, REDUCE = range(4)
ACTIONS = 4

# What a state shows: nodes, of which the first WORDS show their words and all their tags; …
NODES = ("s0", "s1", "b0", "b1", "b2", "s0 head", "s0 left", "s0 right", "b0 left", "s0 + 1",
         "s2", "b3", "s0 left2", "s0 right2", "b0 left2", "b0 - 1", "s1 right", "s0 head's head")
WORDS = 10
# … labels of nodes; …
LABELED = ("s0", "s1", "s0 head", "s0 left", "s0 left2", "s0 right", "s0 right2", "b0 left", "b0 left2", "s1 right")
# … and small numbers, with how many values each has.
NUMBERS = {"distance of s0 and b0": 8, "children of s0": 16, "left children of b0": 4, "between s0 and b0": 10,
           "distance of s1 and s0": 8, "words in the buffer": 4}

# Rows of a sentence's tree while it grows: heads, labels, two outermost children on each side, their numbers up to 3.
HEAD, LABEL, LEFT1, LEFT2, RIGHT1, RIGHT2, LEFTS, RIGHTS = range(8)
TREE = 8


@njit(inline="always")
def distance(gap):
    """0 to 4, then 5 to 6, 7 to 10, more."""
    if gap <= 4:
        return gap
    if gap <= 6:
        return 5
    if gap <= 10:
        return 6
    return 7


@njit
def start(tree, n):
    tree[:, : n + 2] = n + 1
    tree[LABEL, : n + 2] = 0
    tree[LEFTS, : n + 2] = 0
    tree[RIGHTS, : n + 2] = 0


@njit
def allowed(stack, size, b0, n, tree, out):
    """Which of the four may be taken; a state with nothing allowed is the end."""
    words_left = b0 < n
    has_head = size > 0 and tree[HEAD, stack[size - 1]] != n + 1
    out[SHIFT] = words_left
    out[RIGHT] = words_left and size > 0
    out[LEFT] = size > 0 and not has_head
    out[REDUCE] = has_head


@njit
def show(stack, size, b0, n, tree, marks, verbs, nodes, labels, numbers):
    """Fills what a state shows; `marks`, `verbs`: how many there are before each node."""
    none = n + 1
    s0 = stack[size - 1] if size > 0 else none
    s1 = stack[size - 2] if size > 1 else none
    head = tree[HEAD, s0]
    nodes[0], nodes[1], nodes[2] = s0, s1, b0
    nodes[3] = min(b0 + 1, none)
    nodes[4] = min(b0 + 2, none)
    nodes[5] = head
    nodes[6], nodes[7], nodes[8] = tree[LEFT1, s0], tree[RIGHT1, s0], tree[LEFT1, b0]
    nodes[9] = s0 + 1 if s0 + 1 < b0 else none
    nodes[10] = stack[size - 3] if size > 2 else none
    nodes[11] = min(b0 + 3, none)
    nodes[12], nodes[13], nodes[14] = tree[LEFT2, s0], tree[RIGHT2, s0], tree[LEFT2, b0]
    nodes[15] = b0 - 1 if b0 > 0 else none
    nodes[16] = tree[RIGHT1, s1]
    nodes[17] = tree[HEAD, head]
    labels[0], labels[1], labels[2] = tree[LABEL, s0], tree[LABEL, s1], tree[LABEL, head]
    labels[3], labels[4] = tree[LABEL, nodes[6]], tree[LABEL, nodes[12]]
    labels[5], labels[6] = tree[LABEL, nodes[7]], tree[LABEL, nodes[13]]
    labels[7], labels[8] = tree[LABEL, nodes[8]], tree[LABEL, nodes[14]]
    labels[9] = tree[LABEL, nodes[16]]
    numbers[0] = distance(b0 - s0) if s0 != none else 0
    numbers[1] = tree[LEFTS, s0] * 4 + tree[RIGHTS, s0]
    numbers[2] = tree[LEFTS, b0]
    numbers[3] = 0
    numbers[4] = distance(s0 - s1) if s1 != none else 0
    numbers[5] = min(n - b0, 3)
    if s0 != none:
        numbers[3] = 1 + min(marks[b0] - marks[s0 + 1], 2) * 3 + min(verbs[b0] - verbs[s0 + 1], 2)


@njit
def advance(action, label, stack, size, b0, n, tree):
    """The new size of the stack and the buffer's new first node; an arc gets `label`."""
    if action == SHIFT or action == RIGHT:
        if action == RIGHT:
            head = stack[size - 1]
            tree[HEAD, b0], tree[LABEL, b0] = head, label
            tree[RIGHT2, head] = tree[RIGHT1, head]
            tree[RIGHT1, head] = b0
            tree[RIGHTS, head] = min(3, tree[RIGHTS, head] + 1)
        stack[size] = b0
        return size + 1, b0 + 1
    if action == LEFT:
        word = stack[size - 1]
        tree[HEAD, word], tree[LABEL, word] = b0, label
        tree[LEFT2, b0] = tree[LEFT1, b0]
        tree[LEFT1, b0] = word
        tree[LEFTS, b0] = min(3, tree[LEFTS, b0] + 1)
    return size - 1, b0


@njit
def free(stack, size, b0, n, tree, heads, last_child, out):
    """Which transitions lose no arc that could still be had; `heads`: the right ones, n for the root's child;
    `last_child` of each node, -1 for a node without."""
    none = n + 1
    s0 = stack[size - 1] if size > 0 else none
    head_on_stack, child_on_stack = False, False
    if b0 < n:
        for place in range(size):
            node = stack[place]
            if node == heads[b0]:
                head_on_stack = True
            if heads[node] == b0 and tree[HEAD, node] == none:
                child_on_stack = True
    out[SHIFT] = not head_on_stack and not child_on_stack
    if s0 == none:
        out[RIGHT] = out[LEFT] = out[REDUCE] = False
        return
    if b0 < n:
        out[RIGHT] = not child_on_stack and (heads[b0] == s0 or (not head_on_stack and heads[b0] < b0))
    else:
        out[RIGHT] = False
    later_child = last_child[s0] >= b0
    out[LEFT] = not later_child and heads[s0] <= b0
    out[REDUCE] = not later_child


@njit
def finish(n, tree, spare):
    """One word keeps the root; others that got it hang on that word with the label `spare`."""
    first = -1
    for word in range(n):
        if tree[HEAD, word] == n:
            if first < 0:
                first = word
                tree[LABEL, word] = 1
            else:
                tree[HEAD, word], tree[LABEL, word] = first, spare
