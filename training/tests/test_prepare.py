import random

from training.feature_texts import LONGEST_WORDS, cut, variants
from training.fold_rows import chosen_rows
from training.noise import with_slips
from training.prepare import crops_of, marked, measured_texts, selection
from training.splits import group_of

TEXT = " ".join(
    f"Sentence {number} says that the people in the town believe their river is older than the bridge."
    for number in range(60))


def test_crops_follow_one_another_and_begin_at_words():
    ids = list(range(900))
    starts_word = [number % 3 != 1 for number in ids]
    for seed in range(300):
        chance = random.Random(seed)
        wanted: list[int] = []

        def length() -> int:
            wanted.append(chance.randint(48, 254))
            return wanted[-1]

        runs = crops_of(ids, starts_word, 48, length)
        joined = [number for run in runs for number in run]
        assert joined == ids[: len(joined)] and len(ids) - len(joined) < 48
        assert all(starts_word[run[0]] for run in runs)
        assert all(size - 1 <= len(run) <= size for run, size in zip(runs[:-1], wanted))


def test_a_short_text_is_its_own_crop():
    assert crops_of([5, 6, 7], [True] * 3, 64, lambda: 64) == [[5, 6, 7]]


def test_a_word_longer_than_a_crop_is_cut():
    assert crops_of(list(range(100)), [True] + [False] * 99, 20, lambda: 50) == [list(range(50)), list(range(50, 100))]


def test_slips_change_a_text_only_a_little_and_repeat_with_their_seed():
    changed = 0
    for seed in range(60):
        noisy = with_slips(TEXT, random.Random(seed))
        assert noisy == with_slips(TEXT, random.Random(seed))
        assert 0.8 * len(TEXT) < len(noisy) < 1.05 * len(TEXT)
        changed += noisy != TEXT
    assert changed > 50


def test_cuts_are_whole_sentences_of_the_text():
    for seed in range(100):
        found = cut(TEXT, random.Random(seed))
        assert found in TEXT and found.startswith("Sentence") and found.endswith(".")
        assert len(found.split()) <= LONGEST_WORDS + 20


def test_references_come_from_texts_as_written():
    rows = variants([{"id": str(n), "text": TEXT, "label": "ai"} for n in range(200)], seed=1)
    assert all(row["text"] == TEXT for row in rows if row["whole"])
    assert 40 < sum(row["whole"] for row in rows) < 160


def test_nothing_that_calibrates_is_trained_on_by_the_models_that_it_measures():
    essays = [
        {"id": f"ellipse-{n}", "source": "ellipse", "label": "human", "prompt": f"p{n % 50}", "text": ""}
        for n in range(600)]
    training, held_out = selection(essays)
    assert training and held_out and len(training) + len(held_out) == 600
    assert not {group_of(e) for e in training} & {group_of(e) for e in held_out}
    shown = marked(training, False) + marked(held_out, True)
    rows = chosen_rows(shown, (), None)
    assert [shown[row]["id"] for row in rows] == [essay["id"] for essay in training]


def test_a_fold_is_trained_on_no_source_that_it_leaves_out():
    shown = [{"id": f"{source}-{n}", "source": source, "held_out": n % 4 == 0}
             for source in ("ellipse", "comnets", "ndhal") for n in range(100)]
    rows = chosen_rows(shown, ("comnets",), None, without={"ndhal"})
    assert [shown[row]["id"] for row in rows] == [f"ellipse-{n}" for n in range(100) if n % 4]
    some = chosen_rows(shown, ("comnets",), 40)
    assert len(some) == 40 and set(some) < set(chosen_rows(shown, ("comnets",), None))


def test_of_the_held_out_texts_all_humans_and_some_of_the_machines_are_measured():
    essays = [{"id": f"{label}-{n}", "label": label} for label in ("human", "ai") for n in range(50)]
    chosen = measured_texts(essays, 20)
    assert [essay["label"] for essay in chosen] == ["human"] * 50 + ["ai"] * 20
    assert measured_texts(essays[::-1], 20) == chosen[::-1]


def test_a_quick_run_takes_whole_groups():
    essays = [
        {"id": f"ellipse-{n}", "source": "ellipse", "label": "human", "prompt": f"p{n % 50}", "text": ""}
        for n in range(600)]
    taken = [essay for part in selection(essays, share=0.3) for essay in part]
    whole = [essay for part in selection(essays) for essay in part]
    groups = {group_of(essay) for essay in taken}
    assert 0 < len(groups) < 50
    assert {essay["id"] for essay in taken} == {essay["id"] for essay in whole if group_of(essay) in groups}
