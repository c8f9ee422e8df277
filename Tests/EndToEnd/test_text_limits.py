"""Texts that get an answer which says less: too short, not English, unreadable to the models; and long ones."""

import pytest
from essays import AMHARIC_WORDS, GERMAN, MARKED_UP, PERSONAL, POLISHED, long_essay, words
from gateway_process import Gateway, StartGateway
from triton_process import TritonURLs


def analyzed(gateway: Gateway, text: str) -> dict:
    reply = gateway.analyze(text)
    assert reply.status == 200, reply.body
    return reply.json


def reasons(answer: dict) -> set[str]:
    return {reason["code"] for reason in answer["reasons"]}


# --- passages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first_word", "last_word"),
    [(PERSONAL, "The", "out"), (MARKED_UP, "Caf\u00e9", "\u03c5\u03c0\u03bf\u03bc\u03bf\u03bd\u03ae"), (long_essay(12), "The", "world")],
    ids=["plain", "marked up", "long"],
)  # fmt: skip
def test_passages_cover_the_text_as_posted_in_whole_characters(
    gateway: Gateway, text: str, first_word: str, last_word: str
) -> None:
    passages = analyzed(gateway, text)["passages"]
    data = text.encode()
    for passage in passages:
        assert 0 <= passage["start"] < passage["end"] <= len(data)
        assert data[passage["start"] : passage["end"]].decode(), "cut inside a character"
        assert 0 < passage["probability_ai"] < 1
    starts = [passage["start"] for passage in passages]
    assert starts == sorted(starts)
    for before, after in zip(passages, passages[1:]):
        assert before["start"] < after["start"] <= before["end"] < after["end"], "a gap, or a window in a window"
    assert passages[0]["start"] <= data.index(first_word.encode())
    assert passages[-1]["end"] >= data.rindex(last_word.encode()) + len(last_word.encode())


def test_a_text_over_512_tokens_is_read_to_its_end(gateway: Gateway) -> None:
    once, thrice = analyzed(gateway, POLISHED), analyzed(gateway, "\n\n".join([POLISHED] * 3))
    assert thrice["tokens"] == 3 * once["tokens"] > 512
    assert thrice["words"] == 3 * once["words"]
    assert len(thrice["passages"]) > len(once["passages"])
    assert len(thrice["passages"]) >= 3


def test_the_end_of_a_long_text_counts(gateway: Gateway) -> None:
    """Two essays that differ in their last paragraph only: the last passage differs, the first does not."""
    body = long_essay(9)
    one, other = analyzed(gateway, f"{body}\n\n{PERSONAL}"), analyzed(gateway, f"{body}\n\n{POLISHED}")
    assert one["passages"][-1]["probability_ai"] != other["passages"][-1]["probability_ai"]
    assert one["probability_ai"] != other["probability_ai"]


def test_what_was_cleaned_away_is_counted(gateway: Gateway) -> None:
    hygiene = analyzed(gateway, MARKED_UP)["hygiene"]
    assert hygiene["markdown_marks"] >= 8
    assert hygiene["zero_width_characters"] == 1
    assert hygiene["emoji_joiners"] >= 2
    assert hygiene["homoglyphs"] == 0, "a word that is Greek throughout is no disguise"
    disguised = analyzed(gateway, PERSONAL.replace("bakery", "b\u0430kery").replace("Task", "\uff34ask"))["hygiene"]
    assert disguised["homoglyphs"] == 1


# --- answers without a verdict ----------------------------------------------------------------------------------------


def test_49_words_are_too_few_and_50_are_enough(gateway: Gateway) -> None:
    short = analyzed(gateway, words(49))
    assert short["words"] == 49 and short["verdict"] == "uncertain"
    assert "too_short" in reasons(short)
    message = next(reason["message"] for reason in short["reasons"] if reason["code"] == "too_short")
    assert "49" in message and "50" in message
    assert 0 <= short["probability_ai"] <= 1
    enough = analyzed(gateway, words(50))
    assert enough["words"] == 50 and "too_short" not in reasons(enough)


def test_another_language_is_not_judged(gateway: Gateway) -> None:
    answer = analyzed(gateway, GERMAN)
    assert answer["verdict"] == "uncertain" and "not_english" in reasons(answer)
    assert "not_english" not in reasons(analyzed(gateway, PERSONAL))


def test_a_text_that_the_vocabulary_does_not_know_is_not_judged(gateway: Gateway) -> None:
    mixed = " ".join(f"{english} {amharic}" for english, amharic in zip(PERSONAL.split(), AMHARIC_WORDS.split() * 30))
    answer = analyzed(gateway, mixed)
    assert answer["verdict"] == "uncertain" and "unknown_tokens" in reasons(answer)


@pytest.mark.parametrize("letter", ["a", "\u00e9", "7"], ids=["ASCII", "accents", "digits"])
def test_a_megabyte_without_a_space_is_uncertain(gateway: Gateway, letter: str) -> None:
    answer = analyzed(gateway, letter * (1_000_000 // len(letter.encode())))
    assert answer["verdict"] == "uncertain"
    assert "too_short" in reasons(answer)
    assert "unknown_tokens" in reasons(answer), "no word of that length is in the vocabulary"


def test_a_megabyte_of_emoji_is_too_long(gateway: Gateway) -> None:
    """One unknown word to the models, but a token each to the tagger and the parser."""
    reply = gateway.analyze("\U0001f600" * 250_000)
    assert (reply.status, reply.code) == (422, "text_too_long") and "250000 tokens" in reply.json["error"]["message"]


def test_the_longest_text_and_one_token_more(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_TOKENS": "300"})
    gateway.wait_until("ready")
    # 'a' is one token whatever stands around it.
    assert analyzed(gateway, "a " * 300)["tokens"] == 300
    reply = gateway.analyze("a " * 301)
    assert (reply.status, reply.code) == (422, "text_too_long")
    assert "301" in reply.json["error"]["message"] and "300" in reply.json["error"]["message"]


def test_too_many_sentences_are_refused_with_both_numbers(triton: TritonURLs, start_gateway: StartGateway) -> None:
    gateway = start_gateway(triton.http_url, {"LIMITS_MAX_SENTENCES": "20"})
    gateway.wait_until("ready")
    reply = gateway.analyze("We went home. " * 21)
    assert (reply.status, reply.code) == (422, "text_too_long")
    assert "21" in reply.json["error"]["message"] and "20" in reply.json["error"]["message"]
