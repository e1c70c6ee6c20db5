"""The probability of each type for each candidate of a text.

In: the candidates of a text. Out: each with the probabilities that it names a method, a dataset, a task. They come from
a multinomial logistic regression over named features (`term_features`); what a candidate is like counts once, what
stands around it is averaged over its places. Where an encoder has read the text too, its logits count beside them. A
short form and its long form share the probabilities of the surer one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kgraph.extract.candidates import Candidate, Text
from kgraph.extract.linear import LinearModel, Logits, softmax
from kgraph.extract.term_features import key_features, left_features, right_features
from kgraph.schema import ENTITY_LABELS, PROPOSED, ROLES

NONE: Final = "None"
CLASSES: Final = (NONE, *ENTITY_LABELS)
MAY_BE_PROPOSED: Final = 0.35


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with the probability of each type (in the order of `ENTITY_LABELS`)."""

    candidate: Candidate
    probabilities: tuple[float, ...]
    roles: tuple[float, ...] = ()
    """The probability of each role (in the order of `ROLES`), where an encoder judged it."""

    @property
    def score(self) -> float:
        """The probability that the candidate names an entity of any type."""
        return sum(self.probabilities)

    @property
    def is_proposed(self) -> bool:
        """Whether an encoder found that the paper may well propose it."""
        return bool(self.roles) and self.roles[ROLES.index(PROPOSED)] > MAY_BE_PROPOSED

    @property
    def label(self) -> str:
        """The likeliest type."""
        return ENTITY_LABELS[max(range(len(ENTITY_LABELS)), key=self.probabilities.__getitem__)]


def linear_logits(text: Text, candidates: list[Candidate], model: LinearModel) -> Logits:
    """What the named features say of each candidate, row by row; the classes of the model are `CLASSES`."""
    if not candidates:
        return np.zeros((0, len(CLASSES)), dtype=np.float32)
    own = model.logits([key_features(candidate, text) for candidate in candidates])
    return own + _surroundings(text, candidates, model)


def score_candidates(
    text: Text, candidates: list[Candidate], logits: Logits, roles: Logits | None = None
) -> list[Scored]:
    """Give each candidate of a text its probabilities (and those of its roles), in the same order."""
    probabilities = softmax(logits)[:, 1:].tolist()
    of_roles = [()] * len(candidates) if roles is None else map(tuple, softmax(roles).tolist())
    scored = [
        Scored(candidate, tuple(row), role)
        for candidate, row, role in zip(candidates, probabilities, of_roles, strict=True)
    ]
    return _share(scored, text.longs)


def _surroundings(text: Text, candidates: list[Candidate], model: LinearModel) -> Logits:
    """What the words around each candidate add to its logits: the mean over its places."""
    places = np.array([place for candidate in candidates for place in candidate.places])
    # Many candidates begin or end at one word: each border is looked at once.
    starts, start_rows = np.unique(places[:, 0], return_inverse=True)
    ends, end_rows = np.unique(places[:, 1], return_inverse=True)
    left = model.logits([left_features(text.words, start) for start in starts.tolist()])
    right = model.logits([right_features(text.words, end) for end in ends.tolist()])
    return means_over_places(left[start_rows] + right[end_rows], candidates)


def means_over_places(of_places: Logits, candidates: list[Candidate]) -> Logits:
    """The mean of the rows of each candidate; `of_places` has a row a place, candidate by candidate (at least one)."""
    numbers = np.array([len(candidate.places) for candidate in candidates])
    sums = np.add.reduceat(of_places, np.cumsum(numbers) - numbers, axis=0)
    means: Logits = (sums / numbers[:, None]).astype(np.float32)
    return means


def _share(scored: list[Scored], longs: dict[str, str]) -> list[Scored]:
    by_key = {one.candidate.key: one for one in scored}
    for short, long in longs.items():
        if short in by_key and long in by_key:
            surer = max(by_key[short], by_key[long], key=lambda one: one.score)
            for key in (short, long):
                by_key[key] = replace(by_key[key], probabilities=surer.probabilities)
    return list(by_key.values())
