"""How a feature differs between texts by people and by language models: tests, effect sizes, and whether the direction
is the same from source to source. Pure; tests are scipy's.

Direction: AI minus human everywhere, so that a positive effect means 'higher in AI texts'.

What would be NaN is a defined value here:
- a feature with one value in all texts is `constant`: effects 0, area ½, p-values 1, and it is no test to correct for;
- where there is no spread to divide by but the means differ, d, delta and Welch's t are infinite (p = 0).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy
from scipy import stats

RECORDS_FOR_EFFECTS = 5000
"""Under so many records read p-values; from there on nearly any difference is significant: read effect sizes."""
SIGNIFICANCE = 0.05
SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8
"""Bounds of |d| (Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., section 2.2.3)."""
SMALLEST_SOURCE = 20
"""Texts that a source needs, and those that it is compared with, for a comparison of its own."""
TESTS = ("welch", "mann_whitney", "kruskal", "kruskal_sources")


@dataclass(frozen=True)
class Group:
    """One label's texts, in the feature's unit."""

    count: int
    mean: float
    deviation: float
    """Sample standard deviation (n − 1)."""
    median: float

    @staticmethod
    def of(values: numpy.ndarray) -> "Group":
        return Group(len(values), float(values.mean()), float(values.std(ddof=1)), float(numpy.median(values)))


@dataclass(frozen=True)
class Contrast:
    """Cohen's d of a part of the texts: of one source against all texts of the other label, or within a corpus."""

    name: str
    label: str
    """The source's own label; `both` within a corpus."""
    count: int
    d: float
    deviation: float
    """Standard error of d (Hedges and Olkin 1985)."""

    def opposes(self, overall: float) -> bool:
        """At least a small effect the other way round, beyond chance at 95 %."""
        return self.d * overall < 0 and abs(self.d) >= SMALL and abs(self.d) > 1.96 * self.deviation


@dataclass(frozen=True)
class FeatureStatistics:
    name: str
    family: str
    human: Group
    ai: Group
    constant: bool
    p: Mapping[str, float]
    """By the names of TESTS, as computed."""
    cohens_d: float
    """Difference of means by the pooled standard deviation."""
    glass_delta: float
    """Difference of means by the human texts' standard deviation."""
    area: float
    """Chance that an AI text has the higher value, ties half: U / (n·m), the area under the ROC curve."""
    source_effect: float
    """ε² = H / (n − 1) of Kruskal and Wallis across sources: the share of the ranks' variance between sources."""
    sources: tuple[Contrast, ...]
    corpora: tuple[Contrast, ...]
    holm: Mapping[str, float] = field(default_factory=dict)
    benjamini_hochberg: Mapping[str, float] = field(default_factory=dict)

    @property
    def rank_biserial(self) -> float:
        return 2 * self.area - 1

    @property
    def agreeing(self) -> int:
        """Sources whose d has the overall direction."""
        return sum(contrast.d * self.cohens_d > 0 for contrast in self.sources)

    @property
    def opposing(self) -> tuple[Contrast, ...]:
        return tuple(entry for entry in (*self.sources, *self.corpora) if entry.opposes(self.cohens_d))


def divided(difference: float, spread: float) -> float:
    """difference / spread; 0 for no difference, infinite where there is no spread."""
    if spread > 0:
        return difference / spread
    return math.copysign(math.inf, difference) if difference else 0.0


def cohens_d(human: numpy.ndarray, ai: numpy.ndarray) -> float:
    """(mean AI − mean human) / pooled standard deviation (n − 1 in both)."""
    freedom = len(human) + len(ai) - 2
    pooled = ((len(human) - 1) * human.var(ddof=1) + (len(ai) - 1) * ai.var(ddof=1)) / freedom
    return divided(float(ai.mean() - human.mean()), math.sqrt(pooled))


def glass_delta(human: numpy.ndarray, ai: numpy.ndarray) -> float:
    """(mean AI − mean human) / standard deviation of the human texts, the control group."""
    return divided(float(ai.mean() - human.mean()), float(human.std(ddof=1)))


def deviation_of_d(d: float, human: int, ai: int) -> float:
    """Large-sample standard error of Cohen's d."""
    if not math.isfinite(d):
        return 0.0
    return math.sqrt((human + ai) / (human * ai) + d * d / (2 * (human + ai)))


def welch(human: numpy.ndarray, ai: numpy.ndarray) -> float:
    """Two-sided p of Welch's t-test (unequal variances)."""
    if human.std() == 0 and ai.std() == 0:
        return 1.0 if human[0] == ai[0] else 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a group without spread next to one with
        return float(stats.ttest_ind(ai, human, equal_var=False).pvalue)


def mann_whitney(human: numpy.ndarray, ai: numpy.ndarray) -> tuple[float, float]:
    """(U / (n·m), two-sided p), by the normal approximation with ties and continuity corrected."""
    if len(numpy.unique(numpy.concatenate([human, ai]))) == 1:
        return 0.5, 1.0
    found = stats.mannwhitneyu(ai, human, alternative="two-sided", method="asymptotic")
    return float(found.statistic / (len(human) * len(ai))), float(found.pvalue)


def kruskal(groups: Sequence[numpy.ndarray]) -> tuple[float, float]:
    """(ε², p) of the Kruskal-Wallis test over the groups."""
    groups = [group for group in groups if len(group)]
    joined = numpy.concatenate(groups)
    if len(groups) < 2 or len(numpy.unique(joined)) == 1:
        return 0.0, 1.0
    found = stats.kruskal(*groups)
    return float(found.statistic / (len(joined) - 1)), float(found.pvalue)


def holm(values: Sequence[float]) -> list[float]:
    """Holm's step-down p-values: the chance of even one false finding stays below the level."""
    ordered = numpy.argsort(values, kind="stable")
    factors = len(values) - numpy.arange(len(values))
    adjusted = numpy.minimum(1, numpy.maximum.accumulate(numpy.asarray(values, dtype=float)[ordered] * factors))
    result = numpy.empty(len(values))
    result[ordered] = adjusted
    return result.tolist()


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's p-values: the expected share of false findings stays below the level."""
    return stats.false_discovery_control(values, method="bh").tolist() if len(values) else []


def corpus_of(source: str) -> str:
    """`detectrl` of `detectrl-story`: texts collected together, the same tasks by people and by models."""
    return source.split("-")[0]


def contrast(name: str, label: str, human: numpy.ndarray, ai: numpy.ndarray) -> Contrast | None:
    if min(len(human), len(ai)) < SMALLEST_SOURCE:
        return None
    d = cohens_d(human, ai)
    count = {"human": len(human), "ai": len(ai)}.get(label, len(human) + len(ai))
    return Contrast(name, label, count, d, deviation_of_d(d, len(human), len(ai)))


class Texts:
    """Which texts are whose: what all features share."""

    def __init__(self, labels: numpy.ndarray, sources: Sequence[str]) -> None:
        """`labels` are 1 for AI. Raises ValueError without two texts of each label."""
        names = numpy.asarray(sources)
        self.human, self.ai = labels == 0, labels == 1
        if min(self.human.sum(), self.ai.sum()) < 2:
            raise ValueError("statistics need at least two texts of each label")
        self.records = len(labels)
        self.by_source = {
            (source, label): mask & (names == source)
            for label, mask in (("human", self.human), ("ai", self.ai)) for source in sorted(set(names[mask]))}
        corpora = numpy.array([corpus_of(source) for source in sources])
        self.by_corpus = {
            corpus: (self.human & (corpora == corpus), self.ai & (corpora == corpus))
            for corpus in sorted(set(corpora[self.human]) & set(corpora[self.ai]))}

    def contrasts(self, values: numpy.ndarray) -> tuple[tuple[Contrast, ...], tuple[Contrast, ...]]:
        """(each source against every text of the other label, each corpus that has both labels)."""
        of_sources = (
            contrast(source, label, values[mask], values[self.ai]) if label == "human"
            else contrast(source, label, values[self.human], values[mask])
            for (source, label), mask in self.by_source.items())
        of_corpora = (contrast(corpus, "both", values[human], values[ai])
                      for corpus, (human, ai) in self.by_corpus.items())
        return tuple(filter(None, of_sources)), tuple(filter(None, of_corpora))


def feature_statistics(name: str, family: str, values: numpy.ndarray, texts: Texts) -> FeatureStatistics:
    """Without corrections, which need all features. Raises ValueError where a value is not finite."""
    if not numpy.isfinite(values).all():
        raise ValueError(f"{name} is not finite in {int((~numpy.isfinite(values)).sum())} texts")
    human, ai = values[texts.human], values[texts.ai]
    area, rank_p = mann_whitney(human, ai)
    source_effect, source_p = kruskal([values[mask] for mask in texts.by_source.values()])
    sources, corpora = texts.contrasts(values)
    return FeatureStatistics(
        name=name, family=family, human=Group.of(human), ai=Group.of(ai),
        constant=bool((values == values[0]).all()),
        p={"welch": welch(human, ai), "mann_whitney": rank_p, "kruskal": kruskal([human, ai])[1],
           "kruskal_sources": source_p},
        cohens_d=cohens_d(human, ai), glass_delta=glass_delta(human, ai), area=area, source_effect=source_effect,
        sources=sources, corpora=corpora)


def corrected(features: Iterable[FeatureStatistics]) -> list[FeatureStatistics]:
    """With each test's p-values corrected over all features that are not constant; a constant one keeps 1."""
    features = list(features)
    tested = [place for place, feature in enumerate(features) if not feature.constant]
    step_down = [dict.fromkeys(TESTS, 1.0) for _ in features]
    false_discovery = [dict.fromkeys(TESTS, 1.0) for _ in features]
    for test in TESTS:
        values = [features[place].p[test] for place in tested]
        for place, family_wise, discovery in zip(tested, holm(values), benjamini_hochberg(values), strict=True):
            step_down[place][test], false_discovery[place][test] = family_wise, discovery
    return [FeatureStatistics(**{**vars(feature), "holm": step_down[place],
                                 "benjamini_hochberg": false_discovery[place]})
            for place, feature in enumerate(features)]


def reads_effects(records: int) -> bool:
    return records >= RECORDS_FOR_EFFECTS


def size_of(d: float) -> str:
    for bound, name in ((LARGE, "large"), (MEDIUM, "medium"), (SMALL, "small")):
        if abs(d) >= bound:
            return name
    return "negligible"


def reading(feature: FeatureStatistics, records: int) -> str:
    """One word by the guidance: of p-values (Mann-Whitney, Holm) under 5,000 records, of effect sizes from there on."""
    if feature.constant:
        return "constant"
    if reads_effects(records):
        return size_of(feature.cohens_d)
    return "differs" if feature.holm["mann_whitney"] < SIGNIFICANCE else "no evidence"


def direction(feature: FeatureStatistics) -> str:
    """Whether the sources agree about the direction.

    `artefact`: in a corpus with texts by both, or in a third of the sources, the effect is the other way round: the
    feature tells the corpora apart rather than the writers. `mixed`: it is so in fewer sources. `stable`: in none.
    Empty where there is no effect whose direction could flip.
    """
    if abs(feature.cohens_d) < SMALL:
        return ""
    opposing = feature.opposing
    if any(entry.label == "both" for entry in opposing) or 3 * len(opposing) >= max(1, len(feature.sources)):
        return "artefact" if opposing else "stable"
    return "mixed" if opposing else "stable"


def strongest(features: Iterable[FeatureStatistics], records: int, count: int) -> list[FeatureStatistics]:
    """By |d|; under 5,000 records only of those whose difference is beyond chance."""
    eligible = [feature for feature in features if reading(feature, records) not in ("constant", "no evidence")]
    return by_strength(eligible)[:count]


def by_strength(features: Iterable[FeatureStatistics]) -> list[FeatureStatistics]:
    return sorted(features, key=lambda feature: (-abs(feature.cohens_d), feature.name))
