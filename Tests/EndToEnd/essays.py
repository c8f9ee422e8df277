"""Texts to analyse, written for these tests, and a generator of English-looking prose of any size."""

import random

# Words that no essay and no program would use: wherever they turn up, essay text has leaked.
CANARY = "xylowombat quinceforge"

PERSONAL = """\
The summer I turned fourteen my uncle handed me a broom and told me the bakery opened at four. I thought he meant the \
afternoon. Nobody laughed when I showed up late the first day, which was worse than if they had. Rosa, who had run the \
ovens since before I was born, pointed at a sack of flour that weighed more than my sister and went back to her dough.

I was bad at it for weeks. I burned rolls, I forgot the salt, once I locked the delivery man in the cold room because I \
didn't know anyone was in there. What kept me coming back wasn't discipline, whatever my mother likes to tell people. It \
was the half hour before dawn when the racks were full and nobody talked and the whole street smelled like something \
was about to start. Rosa would cut the end off a loaf that was too hot to eat and we ate it anyway.

She retired last spring. Her hands had gone stiff, and she said the mixer was louder than it used to be, which it isn't. \
I asked her how she knew when bread was done, since she never looked at the clock. She knocked on the bottom of a loaf \
and told me to listen. It sounded like knocking on a door, I said. Then somebody's home, she said, take it out.
"""

POLISHED = """\
Technology has fundamentally transformed the way in which modern students engage with education. In recent years, \
digital platforms have provided learners with unprecedented access to information, enabling them to explore diverse \
perspectives and develop essential skills. Furthermore, these tools foster collaboration and promote a deeper \
understanding of complex concepts. It is important to recognize, however, that technology also presents significant \
challenges that must be carefully addressed.

One of the most notable benefits of educational technology is its ability to personalize the learning experience. \
Adaptive systems analyze individual performance and deliver tailored content, ensuring that each student receives the \
support that they need. Additionally, online resources offer flexibility, allowing learners to balance academic \
responsibilities with personal commitments. As a result, education becomes more inclusive, accessible, and effective.

Nevertheless, excessive reliance on digital devices can lead to distraction and diminished critical thinking. Educators \
must therefore strike a careful balance between innovation and tradition. By implementing thoughtful strategies, \
institutions can harness the potential of technology while mitigating its drawbacks. In conclusion, technology plays a \
pivotal role in shaping the future of education, and its responsible use will empower generations of learners to thrive \
in an ever-evolving world.
"""

# Markdown, accents (precomposed and not), an emoji of several scalars, zero-width characters, a word in Greek letters.
MARKED_UP = """\
# Caf\u00e9 Zo\u00eb, or *how I learned* to wait

My **grand-p\u00e8re** kept a caf\u00e9 in Orle\u0301ans \U0001f469\u200d\U0001f52c where nobody was ever in a hurry. \
He said that a good cup takes as long as it takes, and that people who can't wait for cof\u200bfee can't wait for \
anything. I was nine and I couldn't wait for anything.

- On Mondays we scrubbed the cups until they squeaked \u2615\ufe0f and he counted them twice.
- On Fridays he let me carry the trays, `two at most`, and pretended not to watch me.

> "Slowly," he would say, "the floor isn't going anywhere, and neither are they."

It took me ten years to see what he meant by that \u2014 that being slow was how he was kind to people. When he died in \
m\u00e4rz, as our German neighbour wrote on her card, we found every letter that anyone had ever sent to the caf\u00e9 \
\U0001f48c, tied up by year with string. I read [the first one](https://example.org/letter) standing up and the rest on \
the floor. I am still not a patient person, but I know now what it looks like, and I try: \u03c5\u03c0\u03bf\u03bc\u03bf\u03bd\u03ae.
"""

GERMAN = """\
Als ich klein war, nahm mich mein Großvater jeden Sonntag mit in den Wald hinter dem Dorf. Wir gingen immer denselben \
Weg, vorbei an der alten Mühle und über die schmale Brücke, und er erzählte mir dabei, wie die Bäume heißen und welche \
Vögel gerade singen. Ich habe damals nicht viel verstanden, aber ich weiß noch genau, wie das nasse Laub gerochen hat. \
Heute wohne ich in einer großen Stadt und sehe den Wald nur noch selten, doch jedes Mal, wenn es regnet, denke ich an \
ihn und an seine ruhige Stimme. Vielleicht studiere ich deshalb Biologie, obwohl mir alle davon abgeraten haben.
"""

# No letter of it is in the tokenizer's vocabulary.
AMHARIC_WORDS = "ሰላም ቡና ወንዝ ትምህርት መጽሐፍ ዝናብ ተራራ ደብዳቤ ጸሐይ መስኮት"

NOUNS = """river teacher letter window garden winter brother question kitchen summer station mountain answer journey \
neighbour picture market evening village problem story bridge machine doctor island""".split()
VERBS = "found carried watched forgot followed painted opened crossed remembered visited repaired described left".split()
ADJECTIVES = "small quiet strange heavy bright ordinary careful broken distant familiar narrow early".split()
LINKS = ["and then", "because", "although", "while", "so that", "before", "but"]


def prose(byte_count: int, seed: int) -> str:
    """English-looking sentences, ASCII, cut to exactly `byte_count` bytes; the same for the same seed."""
    source = random.Random(seed)

    def clause() -> str:
        pick = source.choice
        return f"the {pick(ADJECTIVES)} {pick(NOUNS)} {pick(VERBS)} a {pick(NOUNS)}"

    parts, size = [], 0
    while size < byte_count:
        sentence = f"{clause()} {source.choice(LINKS)} {clause()}".capitalize() + ". "
        parts.append(sentence)
        size += len(sentence)
    return "".join(parts)[:byte_count]


def words(count: int) -> str:
    """The first `count` words of an essay, ending like a sentence."""
    return " ".join(PERSONAL.split()[:count]).rstrip(".,") + "."


def long_essay(paragraphs: int) -> str:
    """An essay of many windows: about 75 words, or 95 tokens, a paragraph."""
    source = (PERSONAL + "\n" + POLISHED).strip().split("\n\n")
    return "\n\n".join(source[index % len(source)] for index in range(paragraphs))
