"""Bodies made to be slow cost no more than a few times what plain prose of their size costs.

What is compared is the processor time of the gateway's process, so that a busy machine changes nothing. The token limit
is set so low that prose is refused before it reaches a model: what is left is the gateway's own work.
"""

import json
from collections.abc import Callable, Iterator

import pytest
from essays import prose
from gateway_process import Gateway, running
from triton_process import TritonURLs
from wire import text_body

SIZE = 800_000
SEED = 20_251
TIMES, SPARE_SECONDS = 8, 0.5


def fill(pattern: str, size: int = SIZE) -> str:
    """`pattern` again and again, as often as it fits into `size` bytes of UTF-8."""
    return pattern * (size // len(pattern.encode()))


# Marks of classes 230 and 220 (and more of them), in the order in which normalisation must swap every pair.
OUT_OF_ORDER = "\u0301\u0323"
MANY_CLASSES = "\u0301\u0345\u035c\u0323\u0334\u3099\u064b\u05b0\u093c\U0001d165"
TEXTS: dict[str, Callable[[], str]] = {
    "out-of-order combining marks": lambda: "a" + fill(OUT_OF_ORDER),
    "combining marks without a base": lambda: fill(OUT_OF_ORDER),
    "one mark again and again, then the other": lambda: "a" + fill("\u0301", SIZE // 2) + fill("\u0323", SIZE // 2),
    "marks of many classes": lambda: "a" + fill(MANY_CLASSES),
    "words of ten marks": lambda: fill("a" + OUT_OF_ORDER * 5 + " "),
    "letters that decompose, with marks": lambda: fill("\u1ec7\u0323\u0301"),
    "Hangul letters": lambda: fill("\u1112\u1161\u11ab"),
    "regional indicators": lambda: fill("\U0001f1e9\U0001f1ea"),
    "one regional indicator": lambda: fill("\U0001f1e9"),
    "a chain of joined emoji": lambda: fill("\U0001f469\u200d"),
    "variation selectors": lambda: fill("\u2764\ufe0f"),
    "zero-width characters": lambda: fill("\u200b"),
    "bidirectional controls": lambda: fill("\u202e\u2066"),
    "tags": lambda: "\U0001f3f4" + fill("\U000e0067"),
    "one word": lambda: fill("a"),
    "a word of Greek and Cyrillic letters": lambda: fill("a\u0430\u03bf"),
    "white space": lambda: fill(" "),
    "line breaks": lambda: fill("\r\n"),
    "kinds of white space": lambda: fill(" \t\u00a0\u2003\u3000\n"),
    "full stops": lambda: fill("."),
    "one-letter sentences": lambda: fill("A. "),
    "abbreviations": lambda: fill("e.g."),
    "quotation marks": lambda: fill('"\u201c\u2019'),
    "hyphens": lambda: fill("a-"),
    "apostrophes": lambda: fill("a'"),
    "opening brackets": lambda: fill("["),
    "opening link texts": lambda: fill("[a]("),
    "images": lambda: fill("!["),
    "link references": lambda: fill("[a]: "),
    "nested emphasis": lambda: fill("*a "),
    "stars": lambda: fill("*"),
    "stars and underscores": lambda: fill("*_"),
    "strong emphasis that never closes": lambda: fill("**a "),
    "backticks of growing length": lambda: "".join("`" * n + "a" for n in range(1, 1262)),
    "backticks": lambda: fill("` "),
    "code fences": lambda: fill("```\n"),
    "block quotes in each other": lambda: fill(">"),
    "list items": lambda: fill("- "),
    "lists in lists": lambda: "".join(" " * n + "- a\n" for n in range(1250)),
    "table rows": lambda: fill("|a|b|\n|-|-|\n"),
    "headings": lambda: fill("#"),
    "underlined lines": lambda: fill("a\n=\n"),
    "backslashes": lambda: fill("\\"),
    "opening tags": lambda: fill("<a "),
    "tags in each other": lambda: fill("<b>"),
    "less-than signs": lambda: fill("<"),
    "comments that never close": lambda: fill("<!--"),
    "scripts that never close": lambda: fill("<script>"),
    "declarations that never close": lambda: fill("<![CDATA["),
    "attributes that never close": lambda: fill("<a b='"),
    "ampersands": lambda: fill("&"),
    "character references": lambda: fill("&amp;"),
    "numbers as references": lambda: fill("&#x41;"),
    "references that never close": lambda: fill("&a"),
    "placeholders": lambda: fill("STUDENT_NAME "),
    "underscores in capitals": lambda: fill("A_"),
    "the prompt's prefix": lambda: fill("Task 1. "),
    "vowels": lambda: fill("aeiouy"),
    "words of 90 letters": lambda: fill("a" * 90 + " "),
    "words that are almost in the vocabulary": lambda: fill("un" * 45 + "\u00ff "),
    "ideographs": lambda: fill("\u548c"),
    "punctuation": lambda: fill("!?;:,"),
    "digits and points": lambda: fill("1."),
    "URLs": lambda: fill("http://a.b/c?"),
    "e-mail addresses": lambda: fill("a@b."),
    "styled letters": lambda: fill("\U0001d400"),
    "ligatures": lambda: fill("\ufb03"),
    "full-width forms": lambda: fill("\uff34"),
}  # fmt: skip


@pytest.fixture(scope="module")
def terse(triton: TritonURLs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    log = tmp_path_factory.mktemp("slow") / "gateway.log"
    # Escapes make some of the bodies larger than their texts.
    limits = {"LIMITS_MAX_TOKENS": "64", "LIMITS_MAX_SENTENCES": "64", "LIMITS_MAX_BODY_BYTES": "4000000"}
    with running(log, triton.http_url, limits) as gateway:
        gateway.wait_until("ready")
        yield gateway


def cost(gateway: Gateway, body: bytes) -> float:
    before = gateway.cpu_seconds()
    reply = gateway.post(body)
    assert reply.status in (200, 422), reply.body[:300]
    return gateway.cpu_seconds() - before


@pytest.fixture(scope="module")
def bound(terse: Gateway) -> float:
    """Seconds that a body of `SIZE` may take: a few times the dearest of several texts of prose of that size."""
    print(f"prose of seeds {SEED} to {SEED + 2}")
    bodies = [text_body(prose(SIZE, SEED + turn)) for turn in range(3)]
    cost(terse, bodies[0])  # the first one also pays for tables that are built once
    plain = max(cost(terse, body) for body in bodies)
    print(f"{SIZE} bytes of prose: {plain:.2f} s")
    return TIMES * plain + SPARE_SECONDS


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_made_to_be_slow_costs_what_prose_costs(terse: Gateway, bound: float, name: str) -> None:
    text = TEXTS[name]()
    assert SIZE * 0.98 <= len(text.encode()) <= SIZE * 1.02
    assert cost(terse, text_body(text)) <= bound


@pytest.mark.parametrize("name", ["out-of-order combining marks", "regional indicators", "marks of many classes", "one word"])
def test_a_key_made_to_be_slow_costs_what_prose_costs(terse: Gateway, bound: float, name: str) -> None:
    """Foundation's decoder took 46 s of processor time for the first of these."""
    key = TEXTS[name]()
    for body in ({key: 1, "text": "short"}, {"text": "short", key: {key[: len(key) // 2]: 1}}):
        before = terse.cpu_seconds()
        assert terse.post(json.dumps(body, ensure_ascii=False).encode()).status in (400, 422)
        assert terse.cpu_seconds() - before <= bound


def test_escapes_made_to_be_slow_cost_what_prose_costs(terse: Gateway, bound: float) -> None:
    marks = b'{"text": "a' + rb"\u0301\u0323" * (SIZE // 12) + b'"}'
    assert cost(terse, marks) <= bound


def test_the_bound_is_one_that_quadratic_work_would_break(terse: Gateway, bound: float) -> None:
    """What prose costs has been measured, and is no excuse for seconds."""
    assert SPARE_SECONDS < bound < 10
