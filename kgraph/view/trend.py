"""Trends: which methods and tasks rise and fade, as shares of the papers of each year or month.

A trend is told from chance by the test of two proportions (J. Fleiss, B. Levin, M. Paik, "Statistical methods for rates
and proportions", 2003): the share of the papers before a split against the share since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from typing import ClassVar, Final

from kgraph.errors import UsageError
from kgraph.schema import METHOD, TASK, entity_label
from kgraph.view.kinds import Kind
from kgraph.view.select import Selection, Series, Trends, drawn, with_reserve
from kgraph.view.subject import Period, Subject

LEAST: Final = 3
"""An entity that fewer papers speak of shows no trend."""

_LABELS: Final = (METHOD, TASK)
_DIRECTIONS: Final = ("rising", "fading")
_MOST_PERIODS: Final = 36
_SURE: Final = 1.645  # z that chance alone reaches in one of twenty


@dataclass(frozen=True, slots=True)
class Trend(Kind):
    """The methods and tasks whose share of the papers rises or falls most, by year or month.

    `limit` is how many of each: rising methods, rising tasks, fading methods, fading tasks.
    """

    limit: ClassVar[int] = 12
    by: Period = "year"

    def select(self, subject: Subject, limit: int) -> Selection:
        """See `Kind.select`."""
        papers, rows = subject.periods(self.by)
        periods = sorted(papers)[-_MOST_PERIODS:]
        if len(periods) < 2:
            hint = "; `--by month` may tell them apart" if self.by == "year" else ""
            raise UsageError(f"a trend needs papers of two {self.by}s or more{hint}")
        counts = _counts(rows, periods)
        totals = [papers[period] for period in periods]
        since = _split(totals)
        series = _series(counts, totals, since, limit)
        if not series:
            raise UsageError("nothing rises or fades: no share of the papers changes more than chance would change it")
        nodes = [one.entity for one in series]
        reserve = with_reserve(subject, nodes)
        lines, left_out = drawn(subject, nodes, reserve, ())
        trends = Trends(self.by, tuple(periods), tuple(totals), periods[since], tuple(series))
        return Selection(tuple(nodes), lines, reserve, left_out, trends=trends)


def change(before: int, papers_before: int, after: int, papers_after: int) -> float:
    """Return how surely a share has changed: the z of a two-proportion test, above 0 where it has risen.

    `before` of the `papers_before` earlier papers speak of something, and `after` of the `papers_after` later ones.

    >>> round(change(10, 100, 30, 100), 2), change(5, 50, 10, 100)
    (3.54, 0.0)
    """
    share = (before + after) / (papers_before + papers_after)
    spread = sqrt(share * (1 - share) * (1 / papers_before + 1 / papers_after))
    return (after / papers_after - before / papers_before) / spread if spread else 0.0


def _counts(rows: Sequence[tuple[str, str, int]], periods: Sequence[str]) -> dict[str, list[int]]:
    """Return the papers of each method and task in each period."""
    index = {period: number for number, period in enumerate(periods)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(periods))
    for entity, period, papers in rows:
        if period in index:
            counts[entity][index[period]] += papers
    often = {entity: found for entity, found in sorted(counts.items()) if sum(found) >= LEAST}
    return {entity: found for entity, found in often.items() if entity_label(entity) in _LABELS}


def _split(totals: Sequence[int]) -> int:
    """Return the period from which on papers count as recent: about half of all are."""
    passed = list(accumulate(totals))
    return min(range(1, len(totals)), key=lambda number: abs(2 * passed[number - 1] - passed[-1]))


def _series(counts: Mapping[str, list[int]], totals: Sequence[int], since: int, limit: int) -> list[Series]:
    before, after = sum(totals[:since]), sum(totals[since:])
    changes = {
        entity: change(sum(found[:since]), before, sum(found[since:]), after) for entity, found in counts.items()
    }
    found: list[Series] = []
    for direction in _DIRECTIONS:
        sign = 1 if direction == "rising" else -1
        for label in _LABELS:
            ranked = sorted((-sign * z, entity) for entity, z in changes.items() if entity_label(entity) == label)
            for z, entity in ranked[:limit]:
                if -z >= _SURE:
                    found.append(Series(entity, direction, tuple(counts[entity]), round(changes[entity], 2)))
    return found
