"""Which entities bear one name: the pairs that graphs and stores join by SAME_TERM_AS."""

from __future__ import annotations

from collections.abc import Iterable

from kgraph.schema import Entity


def same_terms(entities: Iterable[Entity]) -> list[tuple[str, str]]:
    """Return the ids of each two of these entities of which one names the other as its `same_term`.

    A pair comes once, the smaller id first, and the pairs are sorted.
    """
    by_id = {entity.id: entity for entity in entities}
    pairs = ((one, other) for one, entity in by_id.items() for other in entity.same_term if other in by_id)
    return sorted({(min(pair), max(pair)) for pair in pairs})
