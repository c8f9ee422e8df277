import re

from training import splits


def essays(count: int) -> list[dict]:
    """Essays of forty prompts, and DetectRL rows of which each human text has two attacked twins."""
    prompted = [
        {"id": f"ndhal-{n}", "source": "ndhal", "label": "ai", "prompt": f"asap{n % 40}"} for n in range(count)]
    detectrl = [
        {"id": f"{source}-md-arxiv{n}", "source": source, "label": label, "prompt": source.split("-")[1]}
        for n in range(count)
        for source, label in (("detectrl-abstract", "human"), ("detectrl-direct_prompt", "ai"),
                              ("detectrl-prompt_SICO", "ai"))]
    return prompted + detectrl


def test_no_group_stands_on_both_sides():
    sides: dict[str, set[bool]] = {}
    for essay in essays(400):
        sides.setdefault(splits.group_of(essay), set()).add(splits.is_calibration(essay))
    assert all(len(found) == 1 for found in sides.values())
    assert {True, False} == set().union(*sides.values())


def test_a_text_and_its_attacked_versions_are_one_group():
    abstract, direct, attacked = essays(1)[1:]
    assert splits.group_of(abstract) == splits.group_of(direct) == splits.group_of(attacked)


def test_one_prompt_under_two_names_of_a_source_is_one_group():
    first = {"id": "argugpt-dev-1", "source": "argugpt-dev", "prompt": "TOEFL11-04"}
    second = {"id": "argugpt-test-9", "source": "argugpt-test", "prompt": "TOEFL11-04"}
    assert splits.group_of(first) == splits.group_of(second)


def test_generated_essays_of_one_topic_are_one_group():
    first = {"id": "generated-1", "source": "generated", "prompt": "Write about trams.", "slots": {"topic": "trams", "tone": "dry"}}
    second = {"id": "generated-2", "source": "generated", "prompt": "Argue for trams!", "slots": {"topic": "trams", "tone": "keen"}}
    assert splits.group_of(first) == splits.group_of(second) != splits.group_of({**first, "slots": {"topic": "zoos"}})


def test_an_essay_without_a_prompt_is_its_own_group():
    first = {"id": "x-1", "source": "x", "prompt": None}
    assert splits.group_of(first) != splits.group_of({**first, "id": "x-2"})


def test_fractions_are_stable_and_spread():
    assert splits.fraction("a", "b") == splits.fraction("a", "b") != splits.fraction("b", "a")
    values = [splits.fraction(str(n), "spread") for n in range(4000)]
    assert 0.47 < sum(value < 0.5 for value in values) / 4000 < 0.53
    assert min(values) >= 0 and max(values) < 1


def test_limits_hold_for_each_source_and_label_and_do_not_depend_on_order():
    rows = essays(300)
    kept = splits.limited(rows, 50)
    counts: dict[str, int] = {}
    for essay in kept:
        counts[essay["source"]] = counts.get(essay["source"], 0) + 1
    assert counts == {"ndhal": 50, "detectrl-abstract": 50, "detectrl-direct_prompt": 50, "detectrl-prompt_SICO": 50}
    again = splits.limited(rows[::-1], 50)
    assert {essay["id"] for essay in again} == {essay["id"] for essay in kept}


def test_every_domain_is_left_out_once():
    left_out = [name for fold in splits.FOLDS for name in fold]
    assert len(left_out) == len(set(left_out)) == 11


def test_a_corpus_is_left_out_with_its_machine_texts():
    abstract, direct, attacked = essays(1)[1:]
    fold = ("ellipse", "detectrl-abstract")
    assert all(splits.is_left_out(essay, fold) for essay in (abstract, direct, attacked))
    assert not splits.is_left_out(abstract, ("ndhal", "detectrl-story"))


def test_texts_that_do_not_name_their_corpus_are_known_by_their_number():
    def domain(identity: str) -> str:
        return splits.domain_of({"id": identity, "source": re.match(r"detectrl-(perturbed-human|[^-]*)", identity)[0]})

    # What their texts are, read: a review, a news article, a story, an abstract.
    assert domain("detectrl-direct_prompt-Claude-instant1779") == "detectrl-content"
    assert domain("detectrl-prompt_SICO-Llama-2-70b809") == "detectrl-document"
    assert domain("detectrl-perturbed-human-ph1054") == "detectrl-story"
    assert domain("detectrl-adversarial_character_llm-Llama-2-70b439") == "detectrl-abstract"
