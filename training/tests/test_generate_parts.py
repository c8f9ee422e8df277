"""The parts of mad-lib generation that need no server: prompts, pace, waiting, mining's weights."""

import asyncio
import random
from collections import Counter

import pytest

from training.generate.endpoint import Pace, Patience, retry_after
from training.generate.essays import essay_id, essay_text
from training.generate.mining import is_hard, slot_weights
from training.generate.prompts import SLOTS, Prompt, Slots, draw_prompt


@pytest.fixture(scope="module")
def slots() -> Slots:
    return Slots.read()


def draw(slots: Slots, number: int, weights: dict | None = None, **changed: object) -> Prompt:
    options = {"evasion_share": 0.5, "temperatures": [0.7, 1.0], **changed}
    return draw_prompt(slots, 0, 0, number, weights or {}, **options)


def test_prompts_are_filled_varied_and_the_same_every_time(slots: Slots) -> None:
    prompts = [draw(slots, number) for number in range(400)]
    assert prompts == [draw(slots, number) for number in range(400)]
    assert len({prompt.text for prompt in prompts}) == 400
    for prompt in prompts:
        assert "{" not in prompt.text and prompt.text[0] == prompt.text[0].upper()
        assert prompt.text.endswith(slots.closing) and (prompt.slots["evasion"] in prompt.text)
        kinds = next(genre.topics for genre in slots.genres if genre.text == prompt.slots["genre"])
        assert prompt.slots["topic"] in [topic for kind in kinds for topic in slots.topics[kind]]
    assert 150 < sum(bool(prompt.slots["evasion"]) for prompt in prompts) < 250
    assert {prompt.temperature for prompt in prompts} == {0.7, 1.0}
    assert {prompt.slots["template"] for prompt in prompts} == set(slots.templates)


def test_the_lists_are_long_and_say_nothing_twice(slots: Slots) -> None:
    topics = [topic for kind in slots.topics.values() for topic in kind]
    assert len(topics) > 150 and len(slots.evasions) >= 20 and len(slots.genres) >= 20
    for entries in (topics, slots.personas, slots.grades, slots.tones, slots.evasions, slots.templates,
                    [genre.text for genre in slots.genres]):
        assert len(set(entries)) == len(entries) and all(entries)


def test_an_instruction_to_evade_is_as_frequent_as_asked_for(slots: Slots) -> None:
    assert all(draw(slots, number, evasion_share=1).slots["evasion"] for number in range(50))
    assert not any(draw(slots, number, evasion_share=0).slots["evasion"] for number in range(50))


def test_what_weighs_more_is_drawn_more_often(slots: Slots) -> None:
    def tones(weights: dict) -> Counter:
        return Counter(draw(slots, number, weights).slots["tone"] for number in range(1000))

    plain, weighted = tones({}), tones({"tone": {"warm": 6.0, "plain": 0.2}})
    assert weighted["warm"] > 3 * plain["warm"] and weighted["plain"] < plain["plain"] / 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [(("genres:", "kinds:"), "genres"), (("topics: [judgement]", "topics: [none]"), "none"),
     (("{genre} of about", "{gender} of about"), "gender"), (("tones:", "tunes:"), "tunes")])
def test_a_list_that_is_wrong_is_named(tmp_path, change: tuple[str, str], problem: str) -> None:
    path = tmp_path / "slots.yaml"
    path.write_text(SLOTS.read_text().replace(*change, 1))
    with pytest.raises(ValueError, match=problem):
        Slots.read(path)


def test_an_id_depends_on_prompt_model_and_seed() -> None:
    prompt = Prompt(text="Write.", system="", slots={}, temperature=1, seed=3)
    ids = {essay_id(prompt, "m"), essay_id(prompt, "n"), essay_id(Prompt("Write!", "", {}, 1, 3), "m"),
           essay_id(Prompt("Write.", "Be brief.", {}, 1, 3), "m"), essay_id(Prompt("Write.", "", {}, 1, 4), "m")}
    assert len(ids) == 5 and essay_id(prompt, "m") in ids


@pytest.mark.parametrize(
    ("reply", "text"),
    [("Sure! Here is your essay:\n\nDogs bark.", "Dogs bark."), ("Certainly.\n\nDogs bark.", "Dogs bark."),
     ("Here\u2019s a review (150 words):\n\nDogs bark.\n\nCats do not.", "Dogs bark.\n\nCats do not."),
     ("Here is where I was born.\n\nDogs bark.", "Here is where I was born.\n\nDogs bark."),
     ("Surely dogs bark:\n\nwoof", "Surely dogs bark:\n\nwoof"), ("Sure, dogs bark.", "Sure, dogs bark.")])
def test_a_preface_is_not_part_of_the_essay(reply: str, text: str) -> None:
    assert essay_text(reply, 1) == text


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_start_evenly_and_wait_for_as_long_as_the_server_asks() -> None:
    async def starts() -> list[float]:
        time = Time()
        pace = Pace(30, clock=lambda: time.now, sleep=time.sleep)
        found = []
        for number in range(6):
            await pace.turn()
            found.append(time.now - 1000)
            if number == 2:
                pace.hold(60)
                pace.hold(5)  # a shorter wish does not cut the longer one
        return found

    assert asyncio.run(starts()) == [0, 2, 4, 64, 66, 68]


def test_a_server_that_asks_for_patience_holds_back_those_who_wait_already() -> None:
    async def starts() -> list[float]:
        time = Time()
        found: list[float] = []

        async def sleep(seconds: float) -> None:
            if time.now == 1000:
                pace.hold(100)  # comes in while the second request waits for its turn
            await time.sleep(seconds)

        pace = Pace(30, clock=lambda: time.now, sleep=sleep)

        async def request() -> None:
            await pace.turn()
            found.append(time.now - 1000)

        await asyncio.gather(request(), request(), request())
        return found

    first, second, third = asyncio.run(starts())
    assert first == 0 and second >= 100 and third == second + 2


def test_waits_double_up_to_a_limit_and_vary() -> None:
    patience, chance = Patience(first_wait=1, longest_wait=10), random.Random(1)
    for attempt, whole in enumerate([1, 2, 4, 8, 10, 10]):
        waits = [patience.wait(attempt, chance) for _ in range(100)]
        assert whole / 2 <= min(waits) < max(waits) <= whole and len(set(waits)) > 90


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), (" 0.5 ", 0.5), ("-3", 0), ("Thu, 01 Jan 1970 00:02:00 GMT", 20), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
     ("", None), ("soon", None), ("Thu, 99 Jan", None)])
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, now=100) == seconds


def test_an_essay_is_hard_when_it_passes_for_a_persons() -> None:
    assert is_hard({"verdict": "human", "probability_ai": 0.1}, 0.5)
    assert is_hard({"verdict": "uncertain", "probability_ai": 0.4}, 0.5)
    assert not is_hard({"verdict": "uncertain", "probability_ai": 0.9}, 0.5)
    assert not is_hard({"verdict": "ai", "probability_ai": 0.4}, 0.5)
    assert not is_hard({"error": "too_long"}, 0.5)


def test_weights_say_how_much_more_often_than_usual_a_value_wins() -> None:
    rows = [{"id": str(number), "slots": {"tone": "warm" if number < 40 else "plain", "persona": ""}}
            for number in range(80)]
    weights = slot_weights(rows, {str(number) for number in range(20)})
    assert set(weights) == {"tone"}
    assert weights["tone"]["warm"] == pytest.approx((20 + 2) / (40 / 4 + 2))
    assert weights["tone"]["plain"] == 0.2  # never quite nothing
    assert slot_weights(rows, set()) == {} and slot_weights([], set()) == {}
    assert slot_weights(rows, {row["id"] for row in rows}) == {}
