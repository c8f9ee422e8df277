"""Damps what tells corpora apart within one label: topics, genres, formats. A writer's kind must be told from the rest.

Texts of a source that no model was trained on lie apart from all others in just these directions. A model that uses them takes
the whole source for human or for a machine's, however well it tells the two apart within each source. The remedy is old:
nuisance attribute projection (Solomonoff et al. 2005) and within-class covariance normalisation (Hatch and Stolcke 2006),
made for recognising speakers through unknown telephones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from scipy.sparse import spmatrix

STRENGTH = 10.0
"""A direction in which the means of the corpora have variance 1, as single texts have, is shortened to 1 / √11. A fit under a
ridge then finds it eleven times as dear."""
SMALLEST_CORPUS = 20
"""Texts of a label: fewer have no mean worth the name."""


def domain_deviations(features: numpy.ndarray | spmatrix, labels: numpy.ndarray, domains: Sequence[str]) -> numpy.ndarray:
    """[k, F]: of each label, what the mean of each domain's `features` [texts, F] has over the mean of these means."""
    names = numpy.asarray(domains)
    deviations = [numpy.zeros((0, features.shape[1]))]
    for label in (0, 1):
        means = [numpy.asarray(features[own].mean(axis=0, dtype=float)).ravel() for domain in sorted(set(domains))
                 if (own := numpy.flatnonzero((names == domain) & (labels == label))).size >= SMALLEST_CORPUS]
        if len(means) > 1:
            deviations.append(numpy.array(means) - numpy.mean(means, axis=0))
    return numpy.concatenate(deviations)


@dataclass(frozen=True)
class Damping:
    """Shortens features along some directions."""

    directions: numpy.ndarray
    """[k, F], orthonormal."""
    factors: numpy.ndarray
    """[k], in (0, 1]."""

    @staticmethod
    def fitted(features: numpy.ndarray, labels: numpy.ndarray, domains: Sequence[str], strength: float) -> "Damping":
        """Of standardized `features` [texts, F]; the means of each label's domains differ along the directions."""
        deviations = domain_deviations(features, labels, domains)
        if not len(deviations):
            return Damping(numpy.zeros((0, features.shape[1])), numpy.zeros(0))
        _, sizes, directions = numpy.linalg.svd(deviations, full_matrices=False)
        return Damping(directions, 1 / numpy.sqrt(1 + strength * sizes**2 / len(deviations)))

    def of(self, features: numpy.ndarray) -> numpy.ndarray:
        """[N, F] damped. As the map is symmetric, slopes that were fitted on damped features, damped once more, are those for
        the features as they were."""
        return features + (features @ self.directions.T * (self.factors - 1)) @ self.directions
