"""Weighted interval scheduling: of intervals that overlap, keep those with the largest sum of weights.

In: intervals of positions, each with a weight. Out: a choice of them without overlaps. Solved by dynamic programming
over the ends (J. Kleinberg and É. Tardos, "Algorithm Design", 2005, section 6.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Interval(Generic[T]):
    """Positions from `start` to `end` (exclusive, larger than `start`), and what they are worth."""

    start: int
    end: int
    weight: float
    content: T


def choose_heaviest(intervals: Iterable[Interval[T]]) -> list[Interval[T]]:
    """The intervals of the largest sum, in their order; one without a positive weight is never chosen.

    Where two choices weigh the same, the one whose last interval came first wins.
    """
    by_end: dict[int, list[Interval[T]]] = defaultdict(list)
    for interval in intervals:
        by_end[interval.end].append(interval)
    best = [0.0]  # best[e] is the largest sum up to position e, last[e] the interval that ends there for it
    last: list[Interval[T] | None] = [None]
    for end in range(1, max(by_end, default=0) + 1):
        best.append(best[end - 1])
        last.append(None)
        for interval in by_end.get(end, ()):
            weight = best[interval.start] + interval.weight
            if weight > best[end]:
                best[end], last[end] = weight, interval
    return _trace(last)


def _trace(last: list[Interval[T] | None]) -> list[Interval[T]]:
    """Follow the choice back from the last position."""
    chosen = []
    end = len(last) - 1
    while end > 0:
        interval = last[end]
        if interval is None:
            end -= 1
        else:
            chosen.append(interval)
            end = interval.start
    return chosen[::-1]
