"""Which entities bear one name: the pairs that graphs and stores join by SAME_TERM_AS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgraph.schema import Entity


def pairs_of(entity: Entity) -> Iterator[tuple[str, str]]:
    """Yield the ids of this entity and each that is the same term, the smaller id first."""
    return ((min(entity.id, other), max(entity.id, other)) for other in entity.same_term)


def same_terms(entities: Iterable[Entity]) -> list[tuple[str, str]]:
    """Return the ids of each two of these entities of which one names the other as its `same_term`.

    A pair comes once, the smaller id first, and the pairs are sorted.
    """
    by_id = {entity.id: entity for entity in entities}
    return sorted({pair for entity in by_id.values() for pair in pairs_of(entity) if by_id.keys() >= set(pair)})
