"""What a model says before the text that it was asked for."""

import pytest

from training.preface import without_preface

BODY = "The harbour is older than the town: nobody knows by how much."


@pytest.mark.parametrize("preface", [
    "Here is a 12 sentence abstract for the given title: ", "**Here's the news article generated based on the summary:**\n\n",
    "Sure, here’s a possible continuation of the review in a human style:", "[[[Sure, here's a 120-word version:]]] ",
    'Here is an 8 sentence abstract for the article title "Dyons: a duality":', "Certainly! Here is your essay.\n\n",
    "Sure, I'd be happy to help.\n\n"])
def test_a_preface_goes_and_nothing_else(preface):
    assert without_preface(preface + BODY) == BODY


@pytest.mark.parametrize("text", [
    BODY, "Here's why: For a chain, the menu is surprisingly upscale!", "Of course I won't, I thought to myself.",
    "Here is the place. A hidden gem: the crab soup.", "This is a story. My aunt told it to me.",
    "Absolutely not! This place is a joke."])
def test_a_person_who_begins_alike_keeps_the_line(text):
    assert without_preface(text) == text
