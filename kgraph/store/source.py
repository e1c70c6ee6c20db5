"""What a store is brought up to: linked papers and entities, each with its revision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from kgraph.errors import UsageError
from kgraph.revisions import BUCKETS, Kind, entity_revision
from kgraph.same_terms import same_terms
from kgraph.schema import Entity, LinkedPaper


class Source(Protocol):
    """Papers with their statements, and just the entities that these name, each knowing those of the same term.

    Revisions are those of `kgraph.revisions`; what comes as an iterator comes sorted by id.
    """

    def revision_sums(self, kind: Kind) -> Mapping[int, tuple[int, int]]:
        """Return number and sum of the revisions in each bucket."""

    def revisions(self, kind: Kind, buckets: Iterable[int]) -> Mapping[str, int]:
        """Return the revisions in these buckets, by id, sorted."""

    def papers(self, ids: Iterable[str] | None = None) -> Iterator[LinkedPaper]:
        """Yield these papers, or all."""

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        """Yield these entities, or all."""


class GivenGraph:
    """A source in memory: entities by id, of which those that no statement names are left out, and papers.

    Raises:
        UsageError: a paper id comes twice, or a statement names an entity that is not there.
    """

    def __init__(self, entities: Mapping[str, Entity], papers: Iterable[LinkedPaper]) -> None:
        linked = sorted(papers, key=lambda paper: paper.paper.id)
        ids = Counter(paper.paper.id for paper in linked)
        if twice := [paper_id for paper_id, number in ids.items() if number > 1]:
            raise UsageError(f"the paper {twice[0]} comes twice")
        self._papers = {paper.paper.id: paper for paper in linked}
        self._entities = _named(entities, linked)
        self._revisions: dict[Kind, dict[str, int]] = {
            "papers": {key: paper.revision for key, paper in self._papers.items()},
            "entities": {key: entity_revision(entity) for key, entity in self._entities.items()},
        }

    def revision_sums(self, kind: Kind) -> Mapping[int, tuple[int, int]]:
        """See `Source.revision_sums`."""
        numbers, totals = Counter[int](), Counter[int]()
        for revision in self._revisions[kind].values():
            numbers[revision % BUCKETS] += 1
            totals[revision % BUCKETS] += revision
        return {bucket: (number, totals[bucket]) for bucket, number in numbers.items()}

    def revisions(self, kind: Kind, buckets: Iterable[int]) -> Mapping[str, int]:
        """See `Source.revisions`."""
        wanted = set(buckets)
        return {key: revision for key, revision in self._revisions[kind].items() if revision % BUCKETS in wanted}

    def papers(self, ids: Iterable[str] | None = None) -> Iterator[LinkedPaper]:
        """See `Source.papers`."""
        return (self._papers[key] for key in (self._papers if ids is None else ids))

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        """See `Source.entities`."""
        return (self._entities[key] for key in (self._entities if ids is None else ids))


def _named(entities: Mapping[str, Entity], papers: Sequence[LinkedPaper]) -> dict[str, Entity]:
    """Return the entities that statements name, each with those of these that are the same term."""
    ends = {end for paper in papers for one in paper.statements for end in (one.source, one.target)}
    if lacking := ends - entities.keys() - {paper.paper.id for paper in papers}:
        raise UsageError(f"a statement names the entity {min(lacking)}, which is not there")
    named = {key: entities[key] for key in sorted(ends & entities.keys())}
    others = defaultdict[str, list[str]](list)
    for one, other in same_terms(named.values()):
        others[one].append(other)
        others[other].append(one)
    return {key: replace(entity, same_term=tuple(sorted(others[key]))) for key, entity in named.items()}
