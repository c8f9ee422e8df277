"""Perturbed texts beside those that they were made from."""

from training import splits
from training.originals import PERTURBED, with_originals

TEXT = " ".join(f"the {word} stands where the old {word} stood" for word in "harbour tower market bridge mill church".split())
OTHER = " ".join(f"nobody saw the {word} that he sold in a year" for word in "horse cart boat plough field house".split())


def human(source: str, identity: str, text: str) -> dict:
    return {"id": f"{source}-{identity}", "source": source, "label": "human", "text": text, "prompt": "x"}


def test_a_perturbed_text_is_of_the_group_of_the_one_that_it_was_made_from():
    essays = [
        human("detectrl-abstract", "md-arxiv7", TEXT), human("detectrl-story", "ChatGPT1054", OTHER),
        human(PERTURBED, "ph30", TEXT.replace("tower", "towre")), human(PERTURBED, "ph1055", OTHER.replace("boat", "baot"))]
    abstract, story, first, second = with_originals(essays)
    assert (abstract, story) == tuple(essays[:2])
    assert splits.group_of(first) == splits.group_of(abstract) != splits.group_of(essays[2])
    assert splits.group_of(second) == splits.group_of(story)


def test_a_perturbed_text_whose_original_is_not_there_stands_alone():
    perturbed = human(PERTURBED, "ph30", TEXT)
    machine = {**human("detectrl-direct_prompt", "md-arxiv7", TEXT), "label": "ai"}
    few_phrases = human("detectrl-story", "md-arxiv9", " ".join(TEXT.split()[:9]) + " " + OTHER)
    assert with_originals([perturbed, machine, few_phrases])[0] == perturbed
    assert with_originals([]) == []
