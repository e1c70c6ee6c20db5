"""The linked records as stores take them: papers with their statements, and entities, each with its revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kgraph.graph import link_paper
from kgraph.records import Records
from kgraph.revisions import BUCKETS, Kind
from kgraph.schema import Entity, LinkedPaper


class LinkedRecords:
    """What the last linking made of the records; a `kgraph.store.Source`. To be used within one snapshot of them."""

    def __init__(self, records: Records) -> None:
        self._records, self._links = records, records.links

    def revision_sums(self, kind: Kind) -> Mapping[int, tuple[int, int]]:
        """Return number and sum of the revisions in each bucket."""
        return self._links.revision_sums(kind, BUCKETS)

    def revisions(self, kind: Kind, buckets: Iterable[int]) -> Mapping[str, int]:
        """Return the revisions in these buckets, by id, sorted."""
        return self._links.revisions(kind, buckets, BUCKETS)

    def papers(self, ids: Iterable[str] | None = None) -> Iterator[LinkedPaper]:
        """Yield these papers, or all, by id."""
        found = self._records.papers() if ids is None else self._records.papers_by_id(ids)
        for paper, extraction in found:
            nodes, revision = self._links.linked_paper(paper.id)
            yield link_paper(paper, extraction, nodes, revision=revision)

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        """Yield these entities, or all, by id."""
        nodes = self._links.all_nodes() if ids is None else self._links.nodes(ids)
        return (entity for entity, _ in nodes)
