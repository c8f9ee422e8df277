"""The line in which a language model hands over what it was asked for: 'Sure, here is your essay:'.

Nobody who passes a text for their own leaves it in. About every sixth machine text of train.jsonl begins with one, nearly all of them DetectRL's.
"""

from __future__ import annotations

import re

# Either names what comes ('Here is a 12 sentence abstract for the given title:'), or is a paragraph of its own.
PREFACE = re.compile(
    r"\A\W*(?:(?:sure|certainly|of course|absolutely|okay)\b[^\n]{0,40}?)?"
    r"\W*(?:here is|here's|here are|this is)\b[^\n:]{0,60}?"
    r"\b(?:sentences?|abstract|story|review|article|version|continuation|essay|text|paragraphs?|response|attempt|answer"
    r"|comments?|draft|rewrite|revision|passage)\b[^\n:]{0,160}(?::[^\n:]{0,80}\")?:\W*"
    r"|\A\s*(?:(?:sure|certainly|of course|absolutely|okay)\b[^\n]{0,200}[:!.]"
    r"|(?:here is|here's|here are)\b[^\n]{0,200}:)\s*\n\s*\n", re.IGNORECASE)


def without_preface(text: str) -> str:
    # Typographic apostrophes are as common as plain ones, and as long.
    preface = PREFACE.match(text.replace("\u2019", "'"))
    return text[preface.end() if preface else 0 :]
