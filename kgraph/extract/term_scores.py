"""The probability of each type for each candidate of a text.

In: the candidates of a text. Out: each with the probabilities that it names a method, a dataset, a task. They come from
a multinomial logistic regression over named features (`term_features`); what a candidate is like counts once, what
stands around it is averaged over its places. A short form and its long form share the probabilities of the surer one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kgraph.extract.candidates import Candidate, Text
from kgraph.extract.linear import LinearModel, softmax
from kgraph.extract.term_features import key_features, left_features, right_features
from kgraph.schema import ENTITY_LABELS

NONE: Final = "None"
CLASSES: Final = (NONE, *ENTITY_LABELS)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with the probability of each type (in the order of `ENTITY_LABELS`)."""

    candidate: Candidate
    probabilities: tuple[float, ...]

    @property
    def score(self) -> float:
        """The probability that the candidate names an entity of any type."""
        return sum(self.probabilities)

    @property
    def label(self) -> str:
        """The likeliest type."""
        return ENTITY_LABELS[max(range(len(ENTITY_LABELS)), key=self.probabilities.__getitem__)]


def score_candidates(text: Text, candidates: list[Candidate], model: LinearModel) -> list[Scored]:
    """Give each candidate of a text its probabilities, in the same order; the classes of the model are `CLASSES`."""
    if not candidates:
        return []
    logits = model.logits([key_features(candidate, text) for candidate in candidates])
    logits += _surroundings(text, candidates, model)
    probabilities = softmax(logits)[:, 1:].tolist()
    scored = [Scored(candidate, tuple(row)) for candidate, row in zip(candidates, probabilities, strict=True)]
    return _share(scored, text.longs)


def _surroundings(text: Text, candidates: list[Candidate], model: LinearModel) -> NDArray[np.float64]:
    """What the words around each candidate add to its logits: the mean over its places."""
    places = np.array([place for candidate in candidates for place in candidate.places])
    # Many candidates begin or end at one word: each border is looked at once.
    starts, start_rows = np.unique(places[:, 0], return_inverse=True)
    ends, end_rows = np.unique(places[:, 1], return_inverse=True)
    left = model.logits([left_features(text.words, start) for start in starts.tolist()])
    right = model.logits([right_features(text.words, end) for end in ends.tolist()])
    numbers = np.array([len(candidate.places) for candidate in candidates])
    sums = np.add.reduceat(left[start_rows] + right[end_rows], np.cumsum(numbers) - numbers, axis=0)
    means: NDArray[np.float64] = sums / numbers[:, None]
    return means


def _share(scored: list[Scored], longs: dict[str, str]) -> list[Scored]:
    by_key = {one.candidate.key: one for one in scored}
    for short, long in longs.items():
        if short in by_key and long in by_key:
            surer = max(by_key[short], by_key[long], key=lambda one: one.score)
            for key in (short, long):
                by_key[key] = replace(by_key[key], probabilities=surer.probabilities)
    return list(by_key.values())
