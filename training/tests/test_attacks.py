import random
import unicodedata

import pytest

from training.attacks import ATTACKS, human_start

TEXT = "Here is the article: The council's plan, which took a decade, failed. Nobody was surprised.\nA second paragraph follows & ends."


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_changes_the_text_and_repeats_with_its_seed(name):
    changed = [ATTACKS[name](TEXT, random.Random(seed)) for seed in range(20)]
    assert changed == [ATTACKS[name](TEXT, random.Random(seed)) for seed in range(20)]
    assert (set(changed) == {TEXT}) == (name == "none")


def test_hidden_characters_leave_what_is_seen():
    seen = "".join(c for c in ATTACKS["zero_width"](TEXT, random.Random(1)) if unicodedata.category(c) != "Cf")
    assert seen == TEXT


def test_homoglyphs_leave_the_length():
    changed = ATTACKS["homoglyphs"](TEXT, random.Random(1))
    assert len(changed) == len(TEXT) and any("CYRILLIC" in unicodedata.name(c, "") for c in changed)


def test_a_human_start_is_60_words():
    assert human_start("MACHINE text", "human " * 300).split() == ["human"] * 60 + ["MACHINE", "text"]
