"""What the statements of one relation add up to: which belong together, how many papers state it, how sure it is.

In: statements. Out: their `support`, the number of papers behind them, and their `confidence`. Both are computed when
asked and never stored; the files of `cypher/queries` compute the same figures, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from typing import Final

from kgraph.schema import COMPARED_WITH

SYMMETRIC: Final = COMPARED_WITH
"""A statement of this type is the same read backwards: those of both directions are one relation."""

SUREST: Final = 0.9999
"""What a score above it counts as: no single paper makes a relation certain."""


def relation_of(type: str, source: str, target: str) -> tuple[str, str, str]:
    """Return the relation that a statement belongs to: its type and its ends, sorted where the type is symmetric."""
    return (type, target, source) if type == SYMMETRIC and target < source else (type, source, target)


def confidence(scores: Iterable[float]) -> float:
    """Return how sure a relation is that each of several papers states with its best score: their noisy-or.

    One is right as long as not all papers are wrong, which they are independently of each other. The logarithms are
    added as whole millionths, so that the order of the papers does not matter and every engine gets the same figure.

    >>> confidence([0.8]), confidence([0.8, 0.5])
    (0.8, 0.9)
    """
    wrong = sum(round(1e6 * log10(1 - min(score, SUREST))) for score in scores)
    return round(1 - 10 ** (wrong / 1e6), 4)


def support(stated: Iterable[tuple[str, float]]) -> tuple[int, float]:
    """Return how many papers state a relation, and its confidence, from (paper id, score) of each of its statements."""
    best: dict[str, float] = {}
    for paper_id, score in stated:
        best[paper_id] = max(score, best.get(paper_id, 0.0))
    return len(best), confidence(best.values())
