"""The parser: arc-hybrid transitions (Kuhlmann et al. 2011) in a narrow beam, learned as a whole by the structured
perceptron with the largest violation (Huang et al. 2012), averaged.

The root stands behind the last word. SHIFT moves the buffer's first word to the stack; LEFT makes it the head of the
stack's top, which leaves; RIGHT makes the stack's second word the head of the top, which leaves. Every tree of n words
takes 2 n transitions. Labels come later (`labels`).

A stack is a linked list of cells that never change, so that the states of a beam share what they have in common and a
step costs the same for a sentence of any length. Swift: Sources/Features/Syntax/Parser.swift; the order and the numbers
of the templates are the contract.
"""

from __future__ import annotations

import numpy
from numba import njit

from .hashing import mix
from .tables import find, find_or_add
from .words import COARSE, FINE, NONE_WORD, ROOT_WORD, WORD

SHIFT, LEFT, RIGHT = 0, 1, 2
FEATURES = 103

# A cell: a word with its outermost two children on each side, how many there are (at most 3), its first preposition to
# the left, and the cell below. Cell 0 is the empty stack's.
NODE, LEFT1, LEFT2, RIGHT1, RIGHT2, LEFTS, RIGHTS, CASE, BELOW = range(9)
CELL = 9
# An item of the beam.
TOP, BUFFER, BUFFER_LEFT1, BUFFER_LEFT2, BUFFER_LEFTS, BUFFER_CASE, SIZE, BACK = range(8)
ITEM = 8


@njit(inline="always")
def _u(value):
    return numpy.uint64(value)


@njit(inline="always")
def _pair(first, second):
    return mix(mix(numpy.uint64(0x5851F42D4C957F2D), first), second)


@njit(inline="always")
def _distance(gap):
    """0 to 4, then 5 to 6, 7 to 10, more."""
    if gap <= 4:
        return _u(gap)
    if gap <= 6:
        return _u(5)
    if gap <= 10:
        return _u(6)
    return _u(7)


@njit(inline="always")
def _least(value, most):
    return _u(value) if value < most else _u(most)


@njit(inline="always")
def _f1(keys, k, a):
    keys[k] = mix(_u(k + 1), a)
    return k + 1


@njit(inline="always")
def _f2(keys, k, a, b):
    keys[k] = mix(mix(_u(k + 1), a), b)
    return k + 1


@njit(inline="always")
def _f3(keys, k, a, b, c):
    keys[k] = mix(mix(mix(_u(k + 1), a), b), c)
    return k + 1


@njit(inline="always")
def _f4(keys, k, a, b, c, d):
    keys[k] = mix(mix(mix(mix(_u(k + 1), a), b), c), d)
    return k + 1


@njit
def action_keys(words, tags, fine, coarse, commas, verbs, cells, item, none, keys):
    """Keys for the next transition of an item. `commas`, `verbs`: how many there are before each node."""
    c0 = item[TOP]
    c1 = cells[c0, BELOW]
    c2 = cells[c1, BELOW]
    s0, s1, s2, n0 = cells[c0, NODE], cells[c1, NODE], cells[c2, NODE], item[BUFFER]
    n1 = n0 + 1 if n0 + 1 < none else none
    n2 = n0 + 2 if n0 + 2 < none else none
    n3 = n0 + 3 if n0 + 3 < none else none
    s0w, s0t, s1w, s1t, n0w, n0t = words[s0], tags[s0], words[s1], tags[s1], words[n0], tags[n0]
    s2t, n1w, n1t, n2t, n3t = tags[s2], words[n1], tags[n1], tags[n2], tags[n3]
    s0wt, s1wt, n0wt, n1wt = _pair(s0w, s0t), _pair(s1w, s1t), _pair(n0w, n0t), _pair(n1w, n1t)
    s0l, s0r, s1l, s1r = cells[c0, LEFT1], cells[c0, RIGHT1], cells[c1, LEFT1], cells[c1, RIGHT1]
    s0l2, s0r2, s1r2 = cells[c0, LEFT2], cells[c0, RIGHT2], cells[c1, RIGHT2]
    n0l, n0l2 = item[BUFFER_LEFT1], item[BUFFER_LEFT2]
    s0lt, s0rt, s1lt, s1rt, n0lt = tags[s0l], tags[s0r], tags[s1l], tags[s1r], tags[n0l]
    s0c, s1c, n0c = words[cells[c0, CASE]], words[cells[c1, CASE]], words[item[BUFFER_CASE]]
    s0v = _u(cells[c0, LEFTS] * 4 + cells[c0, RIGHTS])
    s1v = _u(cells[c1, LEFTS] * 4 + cells[c1, RIGHTS])
    n0v = _u(item[BUFFER_LEFTS])
    near, far, cut, cut1 = _u(0), _u(0), _u(0), _u(0)
    if s0 < none:
        near = _distance(n0 - s0)
        cut = _least(commas[n0] - commas[s0 + 1], 2) * _u(3) + _least(verbs[n0] - verbs[s0 + 1], 2) + _u(1)
    if s1 < none:
        far = _distance(s0 - s1)
        cut1 = _least(commas[s0] - commas[s1 + 1], 2) * _u(3) + _least(verbs[s0] - verbs[s1 + 1], 2) + _u(1)
    last = tags[n0 - 1] if n0 > 0 else tags[none]
    s0f, s1f, n0f = fine[s0], fine[s1], fine[n0]
    s0g, s1g, n0g, n1g = coarse[s0], coarse[s1], coarse[n0], coarse[n1]
    k = 0
    k = _f1(keys, k, s0wt)
    k = _f1(keys, k, s0t)
    k = _f1(keys, k, s0w)
    k = _f1(keys, k, s1wt)
    k = _f1(keys, k, s1t)
    k = _f1(keys, k, n0wt)
    k = _f1(keys, k, n0t)
    k = _f1(keys, k, n0w)
    k = _f1(keys, k, n1wt)
    k = _f1(keys, k, n1t)
    k = _f2(keys, k, words[n2], n2t)
    k = _f2(keys, k, n0t, n1t)
    k = _f3(keys, k, n0t, n1t, n2t)
    k = _f4(keys, k, n0t, n1t, n2t, n3t)
    k = _f2(keys, k, s0wt, n0wt)
    k = _f2(keys, k, s0wt, n0t)
    k = _f2(keys, k, s0t, n0wt)
    k = _f2(keys, k, s0w, n0w)
    k = _f2(keys, k, s0t, n0t)
    k = _f2(keys, k, s1wt, s0wt)
    k = _f2(keys, k, s1wt, s0t)
    k = _f2(keys, k, s1t, s0wt)
    k = _f2(keys, k, s1w, s0w)
    k = _f2(keys, k, s1t, s0t)
    k = _f2(keys, k, s1t, n0t)
    k = _f2(keys, k, s1w, n0w)
    k = _f3(keys, k, s0t, n0t, n1t)
    k = _f3(keys, k, s1t, s0t, n0t)
    k = _f3(keys, k, s2t, s1t, s0t)
    k = _f4(keys, k, s1t, s0t, n0t, n1t)
    k = _f4(keys, k, s0t, n0t, n1t, n2t)
    k = _f4(keys, k, s2t, s1t, s0t, n0t)
    k = _f3(keys, k, s0w, n0t, n1t)
    k = _f3(keys, k, s0t, n0w, n1t)
    k = _f3(keys, k, s1t, s0t, n0w)
    k = _f3(keys, k, s1t, s0w, n0t)
    k = _f3(keys, k, s1w, s0t, n0t)
    k = _f3(keys, k, s0t, n0t, n1w)
    # Children.
    k = _f3(keys, k, s0t, s0lt, n0t)
    k = _f3(keys, k, s0t, s0rt, n0t)
    k = _f3(keys, k, s0t, n0t, n0lt)
    k = _f3(keys, k, s1t, s0t, s1rt)
    k = _f3(keys, k, s1t, s0t, s1lt)
    k = _f3(keys, k, s1t, s0t, s0rt)
    k = _f3(keys, k, s1t, s0t, s0lt)
    k = _f3(keys, k, s0w, s0lt, s0rt)
    k = _f3(keys, k, s1w, s1lt, s1rt)
    k = _f3(keys, k, n0w, n0lt, n0v)
    k = _f4(keys, k, s1t, s0t, s1rt, s1v)
    k = _f4(keys, k, s1t, s0t, s0lt, s0rt)
    k = _f4(keys, k, s1t, s1rt, s0t, n0t)
    k = _f2(keys, k, words[s0l], s0t)
    k = _f2(keys, k, words[s0r], s0t)
    k = _f2(keys, k, words[n0l], n0t)
    k = _f2(keys, k, words[s1r], s1t)
    k = _f4(keys, k, s0t, s0lt, tags[s0l2], n0t)
    k = _f4(keys, k, s0t, s0rt, tags[s0r2], n0t)
    k = _f4(keys, k, n0t, n0lt, tags[n0l2], s0t)
    k = _f4(keys, k, s1t, s1rt, tags[s1r2], s0t)
    # Valency.
    k = _f2(keys, k, s0wt, s0v)
    k = _f2(keys, k, s0t, s0v)
    k = _f2(keys, k, n0wt, n0v)
    k = _f2(keys, k, n0t, n0v)
    k = _f2(keys, k, s1wt, s1v)
    k = _f2(keys, k, s1t, s1v)
    k = _f4(keys, k, s0t, n0t, s0v, n0v)
    k = _f4(keys, k, s1t, s0t, s1v, s0v)
    # Distance, and what lies between.
    k = _f2(keys, k, s0t, near)
    k = _f2(keys, k, n0wt, near)
    k = _f3(keys, k, s0t, n0t, near)
    k = _f3(keys, k, s0w, n0w, near)
    k = _f3(keys, k, s1t, s0t, far)
    k = _f3(keys, k, s1w, s0w, far)
    k = _f2(keys, k, s1wt, far)
    k = _f2(keys, k, s0wt, far)
    k = _f4(keys, k, s1t, s0t, n0t, far)
    k = _f3(keys, k, s0t, n0t, cut)
    k = _f3(keys, k, s1t, s0t, cut1)
    k = _f4(keys, k, s1t, s0t, n0t, cut)
    k = _f4(keys, k, s1t, s0t, n0t, cut1)
    # The word left of the buffer, and prepositions.
    k = _f3(keys, k, last, n0t, s0t)
    k = _f4(keys, k, last, n0t, s0t, n1t)
    k = _f3(keys, k, s1w, s0c, s0t)
    k = _f3(keys, k, s1t, s0c, s0t)
    k = _f3(keys, k, s1w, s0c, s0w)
    k = _f3(keys, k, s0w, n0w, n1w)
    k = _f3(keys, k, s1w, s0t, n0w)
    k = _f4(keys, k, s1t, s0t, s0c, s1c)
    k = _f3(keys, k, s0t, s0c, n0wt)
    k = _f3(keys, k, n0c, s0wt, n0t)
    # Clusters.
    k = _f2(keys, k, s0f, n0f)
    k = _f2(keys, k, s1f, s0f)
    k = _f2(keys, k, s0f, n0t)
    k = _f2(keys, k, s0t, n0f)
    k = _f3(keys, k, s1f, s0t, far)
    k = _f3(keys, k, s1t, s0f, n0t)
    k = _f3(keys, k, s1g, s0g, n0g)
    k = _f4(keys, k, s1g, s0g, n0g, n1g)
    k = _f3(keys, k, s0g, n0g, n1g)
    k = _f3(keys, k, s1f, s0c, s0f)
    k = _f3(keys, k, s1f, s0f, n0t)
    k = _f3(keys, k, s0f, n0f, near)
    k = _f3(keys, k, s1f, s0f, far)
    return k


@njit(inline="always")
def allowed(action, item, n):
    """`n` is the root's node: it takes one child, the last word on the stack."""
    if action == SHIFT:
        return item[BUFFER] < n
    if action == LEFT:
        return item[SIZE] >= 1 and (item[BUFFER] < n or item[SIZE] == 1)
    return item[SIZE] >= 2


@njit
def start(cells, item, none):
    cells[0, :] = 0
    for column in (NODE, LEFT1, LEFT2, RIGHT1, RIGHT2, CASE):
        cells[0, column] = none
    item[:] = 0
    item[BUFFER_LEFT1] = item[BUFFER_LEFT2] = item[BUFFER_CASE] = none


@njit
def advance(cells, used, item, action, is_case, none, out):
    """The item after an action into `out`; a new cell goes to `used`, and the number of cells then is returned."""
    top = item[TOP]
    out[:] = item
    if action == SHIFT:
        cell = cells[used]
        cell[NODE] = item[BUFFER]
        cell[LEFT1], cell[LEFT2], cell[LEFTS] = item[BUFFER_LEFT1], item[BUFFER_LEFT2], item[BUFFER_LEFTS]
        cell[RIGHT1], cell[RIGHT2], cell[RIGHTS] = none, none, 0
        cell[CASE] = item[BUFFER_CASE]
        cell[BELOW] = top
        out[TOP] = used
        out[BUFFER] += 1
        out[BUFFER_LEFT1] = out[BUFFER_LEFT2] = out[BUFFER_CASE] = none
        out[BUFFER_LEFTS] = 0
        out[SIZE] += 1
        return used + 1
    word = cells[top, NODE]
    out[SIZE] -= 1
    if action == LEFT:
        out[TOP] = cells[top, BELOW]
        out[BUFFER_LEFT2] = item[BUFFER_LEFT1]
        out[BUFFER_LEFT1] = word
        out[BUFFER_LEFTS] = min(3, item[BUFFER_LEFTS] + 1)
        if is_case[word]:
            out[BUFFER_CASE] = word
        return used
    below = cells[top, BELOW]
    cells[used] = cells[below]
    cells[used, RIGHT2] = cells[below, RIGHT1]
    cells[used, RIGHT1] = word
    cells[used, RIGHTS] = min(3, cells[below, RIGHTS] + 1)
    out[TOP] = used
    return used + 1


@njit(cache=True)
def gold_actions(heads, out):
    """The transitions of a tree, attaching early; of a tree with crossing arcs those that lose least. `heads`: n for
    the root's child."""
    n = heads.size
    stack = numpy.zeros(n + 1, dtype=numpy.int64)
    left = numpy.zeros(n + 1, dtype=numpy.int64)
    for word in range(n):
        left[heads[word]] += 1
    size, n0 = 0, 0
    for step in range(2 * n):
        best, least = -1, 1 << 30
        for action in (LEFT, RIGHT, SHIFT):
            lost = 0
            if action == SHIFT:
                if n0 >= n:
                    continue
                for place in range(size):
                    if heads[stack[place]] == n0:
                        lost += 1
                    if place < size - 1 and stack[place] == heads[n0]:
                        lost += 1
            else:
                if size < (1 if action == LEFT else 2) or (action == LEFT and n0 == n and size > 1):
                    continue
                top = stack[size - 1]
                for node in range(n0, n):
                    if heads[node] == top:
                        lost += 1
                if action == LEFT:
                    if heads[top] > n0 or (size >= 2 and heads[top] == stack[size - 2]):
                        lost += 1
                elif heads[top] >= n0:
                    lost += 1
            if lost < least:
                best, least = action, lost
        out[step] = best
        if best == SHIFT:
            stack[size] = n0
            size += 1
            n0 += 1
        else:
            size -= 1


@njit
def _train_sentence(words, tags, fine, coarse, commas, verbs, is_case, gold, width, ak, ai, aw, at, au, clock, least,
                    touched, cells, items, scores, history, keys, path):
    """One sentence: 1 if its best tree was not the gold one. `history` [steps, width, 2]: place before, action."""
    n = words.size - 2
    none = n + 1
    steps = 2 * n
    # The gold transitions' scores, added up.
    gold_sums = numpy.zeros(steps + 1, dtype=numpy.int64)
    start(cells, items[0, 0], none)
    used = 1
    for step in range(steps):
        item = items[step & 1, 0]
        count = action_keys(words, tags, fine, coarse, commas, verbs, cells, item, none, keys)
        value = 0
        action = gold[step]
        for f in range(count):
            row = find(ak, ai, keys[f])
            if row != 0:
                value += aw[row, action]
        gold_sums[step + 1] = gold_sums[step] + value
        used = advance(cells, used, item, action, is_case, none, items[(step + 1) & 1, 0])
    # The beam.
    start(cells, items[0, 0], none)
    used = 1
    alive = 1
    scores[0, 0] = 0
    is_gold = numpy.zeros((2, width), dtype=numpy.int64)
    is_gold[0, 0] = 1
    pick_score = numpy.zeros(width + 1, dtype=numpy.int64)
    pick_item = numpy.zeros(width + 1, dtype=numpy.int64)
    pick_action = numpy.zeros(width + 1, dtype=numpy.int64)
    worst_step, worst_gap = -1, -1
    for step in range(steps):
        now, then = step & 1, (step + 1) & 1
        picked = 0
        for place in range(alive):
            item = items[now, place]
            count = action_keys(words, tags, fine, coarse, commas, verbs, cells, item, none, keys)
            sum0, sum1, sum2 = 0, 0, 0
            for f in range(count):
                row = find(ak, ai, keys[f])
                if row != 0:
                    sum0 += aw[row, 0]
                    sum1 += aw[row, 1]
                    sum2 += aw[row, 2]
            for action in range(3):
                if not allowed(action, item, n):
                    continue
                value = scores[now, place] + (sum0 if action == 0 else sum1 if action == 1 else sum2)
                spot = picked
                while spot > 0 and pick_score[spot - 1] < value:
                    spot -= 1
                if spot >= width:
                    continue
                for move in range(min(picked, width - 1), spot, -1):
                    pick_score[move] = pick_score[move - 1]
                    pick_item[move] = pick_item[move - 1]
                    pick_action[move] = pick_action[move - 1]
                pick_score[spot], pick_item[spot], pick_action[spot] = value, place, action
                picked = min(picked + 1, width)
        held = False
        for place in range(picked):
            used = advance(cells, used, items[now, pick_item[place]], pick_action[place], is_case, none,
                           items[then, place])
            scores[then, place] = pick_score[place]
            history[step, place, 0] = pick_item[place]
            history[step, place, 1] = pick_action[place]
            is_gold[then, place] = is_gold[now, pick_item[place]] * (pick_action[place] == gold[step])
            held = held or is_gold[then, place] == 1
        alive = picked
        if is_gold[then, 0] == 0:
            gap = pick_score[0] - gold_sums[step + 1]
            if (not held or step == steps - 1) and gap >= worst_gap:
                worst_gap, worst_step = gap, step
    if is_gold[steps & 1, 0] == 1 or worst_step < 0:
        return 0
    # The prefix that was too good.
    place = 0
    for step in range(worst_step, -1, -1):
        path[step] = history[step, place, 1]
        place = history[step, place, 0]
    fork = 0
    while path[fork] == gold[fork]:
        fork += 1
    for side in range(2):
        start(cells, items[0, 0], none)
        used = 1
        for step in range(worst_step + 1):
            item = items[step & 1, 0]
            action = gold[step] if side == 0 else path[step]
            if step >= fork:
                count = action_keys(words, tags, fine, coarse, commas, verbs, cells, item, none, keys)
                for f in range(count):
                    row = find(ak, ai, keys[f])
                    if row == 0:
                        spot = keys[f] >> numpy.uint64(40)
                        touched[spot] = min(touched[spot] + 1, 250)
                        if touched[spot] >= least:
                            row = find_or_add(ak, ai, au, keys[f], aw.shape[0])
                    if row != 0:
                        change = 1 if side == 0 else -1
                        aw[row, action] += change
                        at[row, action] += change * clock
            used = advance(cells, used, item, action, is_case, none, items[(step + 1) & 1, 0])
    return 1


@njit(cache=True)
def train_epoch(order, starts, words, tags, fine, coarse, commas, verbs, is_case, gold, width, ak, ai, aw, at, au,
                clock, least, touched):
    """One pass over the sentences; `gold` holds a sentence's 2 n transitions from 2 * starts[s]. Returns the clock
    (sentences seen) and how many went wrong."""
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    cells = numpy.zeros((2 * longest * width + 2, CELL), dtype=numpy.int64)
    items = numpy.zeros((2, width, ITEM), dtype=numpy.int64)
    scores = numpy.zeros((2, width), dtype=numpy.int64)
    history = numpy.zeros((2 * longest, width, 2), dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    path = numpy.zeros(2 * longest, dtype=numpy.int64)
    wrong = 0
    for s in order:
        first, last = starts[s], starts[s + 1]
        clock += 1
        wrong += _train_sentence(
            words[first:last], tags[first:last], fine[first:last], coarse[first:last], commas[first:last],
            verbs[first:last], is_case[first:last], gold[2 * first : 2 * last], width, ak, ai, aw, at, au, clock, least,
            touched, cells, items, scores, history, keys, path)
    return clock, wrong


@njit(inline="always")
def action_row(slots, shift, key):
    """Four bytes: three weights around 128 and a check; buckets of two. Missing: 128 thrice."""
    slot = key >> numpy.uint64(shift)
    check = numpy.uint32(key & numpy.uint64(0xFF)) | numpy.uint32(1)
    first = slots[slot]
    if first >> numpy.uint32(24) == check:
        return first
    second = slots[slot ^ numpy.uint64(1)]
    if second >> numpy.uint32(24) == check:
        return second
    return numpy.uint32(0x00808080)


@njit(cache=True)
def _place(keys, quantised, bits):
    slots = numpy.zeros(1 << bits, dtype=numpy.uint32)
    dropped = 0
    for place in range(len(keys)):
        a, b, c = quantised[place, 0], quantised[place, 1], quantised[place, 2]
        if a == 0 and b == 0 and c == 0:
            continue
        slot = keys[place] >> numpy.uint64(64 - bits)
        other = slot ^ numpy.uint64(1)
        check = numpy.uint32(keys[place] & numpy.uint64(0xFF)) | numpy.uint32(1)
        if slots[slot] >> numpy.uint32(24) == check or slots[other] >> numpy.uint32(24) == check:
            dropped += 1
            continue
        if slots[slot] != 0:
            slot = other
        if slots[slot] != 0:
            dropped += 1
            continue
        slots[slot] = (numpy.uint32(a + 128) | numpy.uint32(b + 128) << numpy.uint32(8)
                       | numpy.uint32(c + 128) << numpy.uint32(16) | check << numpy.uint32(24))
    return slots, dropped


def packed_actions(keys: numpy.ndarray, weights: numpy.ndarray, bits: int, clip: float = 0.0002):
    """Slots (uint32 [1 << bits]), the scale, and how many rows found no place, the lightest first."""
    heaviest = numpy.abs(weights).max(axis=1)
    order = numpy.lexsort((keys, -heaviest))
    scale = 127 / heaviest[order[int(len(order) * clip)]]
    quantised = numpy.clip(numpy.rint(weights[order] * scale), -127, 127).astype(numpy.int64)
    slots, dropped = _place(keys[order], quantised, bits)
    return slots, scale, dropped


@njit(cache=True)
def parse(starts, words_, tags_, fine_, coarse_, commas_, verbs_, is_case_, width, actions, shift, heads_):
    """Heads of all sentences with a packed table, into `heads_`: the root's child has n."""
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    cells = numpy.zeros((2 * longest * width + 2, CELL), dtype=numpy.int64)
    items = numpy.zeros((2, width, ITEM), dtype=numpy.int64)
    scores = numpy.zeros((2, width), dtype=numpy.int64)
    history = numpy.zeros((2 * longest, width, 2), dtype=numpy.int64)
    keys = numpy.zeros(FEATURES, dtype=numpy.uint64)
    path = numpy.zeros(2 * longest, dtype=numpy.int64)
    stack = numpy.zeros(longest + 1, dtype=numpy.int64)
    pick_score = numpy.zeros(width + 1, dtype=numpy.int64)
    pick_item = numpy.zeros(width + 1, dtype=numpy.int64)
    pick_action = numpy.zeros(width + 1, dtype=numpy.int64)
    for s in range(starts.size - 1):
        first, last = starts[s], starts[s + 1]
        words, tags, fine, coarse = words_[first:last], tags_[first:last], fine_[first:last], coarse_[first:last]
        commas, verbs, is_case = commas_[first:last], verbs_[first:last], is_case_[first:last]
        n = last - first - 2
        none = n + 1
        start(cells, items[0, 0], none)
        used = 1
        alive = 1
        scores[0, 0] = 0
        for step in range(2 * n):
            now, then = step & 1, (step + 1) & 1
            picked = 0
            for place in range(alive):
                item = items[now, place]
                count = action_keys(words, tags, fine, coarse, commas, verbs, cells, item, none, keys)
                sum0, sum1, sum2 = 0, 0, 0
                for f in range(count):
                    row = action_row(actions, shift, keys[f])
                    sum0 += numpy.int64(row & numpy.uint32(0xFF))
                    sum1 += numpy.int64(row >> numpy.uint32(8) & numpy.uint32(0xFF))
                    sum2 += numpy.int64(row >> numpy.uint32(16) & numpy.uint32(0xFF))
                for action in range(3):
                    if not allowed(action, item, n):
                        continue
                    value = scores[now, place] + (sum0 if action == 0 else sum1 if action == 1 else sum2)
                    spot = picked
                    while spot > 0 and pick_score[spot - 1] < value:
                        spot -= 1
                    if spot >= width:
                        continue
                    for move in range(min(picked, width - 1), spot, -1):
                        pick_score[move] = pick_score[move - 1]
                        pick_item[move] = pick_item[move - 1]
                        pick_action[move] = pick_action[move - 1]
                    pick_score[spot], pick_item[spot], pick_action[spot] = value, place, action
                    picked = min(picked + 1, width)
            for place in range(picked):
                used = advance(cells, used, items[now, pick_item[place]], pick_action[place], is_case, none,
                               items[then, place])
                scores[then, place] = pick_score[place]
                history[step, place, 0] = pick_item[place]
                history[step, place, 1] = pick_action[place]
            alive = picked
        place = 0
        for step in range(2 * n - 1, -1, -1):
            path[step] = history[step, place, 1]
            place = history[step, place, 0]
        size, n0 = 0, 0
        for step in range(2 * n):
            if path[step] == SHIFT:
                stack[size] = n0
                size += 1
                n0 += 1
            else:
                size -= 1
                heads_[first + stack[size]] = n0 if path[step] == LEFT else stack[size - 1]


class Nodes:
    """All sentences' nodes one below the other: a sentence's words, the root, nothing."""

    def __init__(self, atoms: list[numpy.ndarray], tags: list[numpy.ndarray], upos_of_tag: list[str]) -> None:
        self.starts = numpy.cumsum([0] + [len(rows) + 2 for rows in atoms])
        count = len(upos_of_tag)

        def column(number, root, none):
            return numpy.concatenate([numpy.append(rows[:, number], [root, none]) for rows in atoms]).astype(
                numpy.uint64)

        self.words = column(WORD, ROOT_WORD, NONE_WORD)
        self.fine = column(FINE, 65535, 65534)
        self.coarse = column(COARSE, 65535, 65534)
        joined = [numpy.append(row, [count, count + 1]) for row in tags]
        self.tags = numpy.concatenate(joined).astype(numpy.uint64)
        kinds = numpy.array([*upos_of_tag, "", ""])

        def before(kind):
            return numpy.concatenate([numpy.append(0, numpy.cumsum(kinds[row] == kind)[:-1]) for row in joined])

        self.commas, self.verbs = before("PUNCT"), before("VERB")
        self.is_case = numpy.concatenate([kinds[row] == "ADP" for row in joined]).astype(numpy.int64)

    @property
    def arrays(self):
        return self.starts, self.words, self.tags, self.fine, self.coarse, self.commas, self.verbs, self.is_case

    def spread(self, values: list[list[int]], fill: int) -> numpy.ndarray:
        return numpy.concatenate([numpy.append(row, [fill, fill]) for row in values]).astype(numpy.int64)

    def gathered(self, values: numpy.ndarray) -> list[numpy.ndarray]:
        return [values[first : last - 2].copy() for first, last in zip(self.starts[:-1], self.starts[1:])]
