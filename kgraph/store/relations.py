"""The Cypher that adds statements up to relations: their support and confidence, as `kgraph.support` computes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from kgraph.schema import ENTITY_LABELS, RELATION_TYPES, entity_label, is_entity_id
from kgraph.store.base import Row, Store
from kgraph.support import SUREST, SYMMETRIC

_ENTITY: Final = "|".join(ENTITY_LABELS)
_RELATION: Final = "|".join(RELATION_TYPES)
_DIRECTED: Final = "|".join(kind for kind in RELATION_TYPES if kind != SYMMETRIC)
_BACKWARDS: Final = f"type(r) = '{SYMMETRIC}' AND b.id < a.id"
_ADDED_UP: Final = f"""
WITH type(r) AS type, CASE WHEN {_BACKWARDS} THEN b.id ELSE a.id END AS source,
     CASE WHEN {_BACKWARDS} THEN a.id ELSE b.id END AS target, r.paper_id AS paper, max(r.score) AS score,
     count(*) AS stated, min(r.year) AS year
WITH type, source, target, count(paper) AS papers, sum(stated) AS total, min(year) AS first, max(year) AS last,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > {SUREST} THEN {SUREST} ELSE score END), 0)) / 1e6), 4)
     AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN type, source, target, papers, confidence, total, first, last ORDER BY type, source, target"""

RELATIONS: Final = f"MATCH (a:{_ENTITY})-[r:{_RELATION}]->(b:{_ENTITY}){_ADDED_UP}"
"""All relations: type, source, target, papers, confidence, total (statements), first and last (year)."""

RELATIONS_BETWEEN: Final = (
    f"UNWIND $ids AS start MATCH (a:{_ENTITY} {{id: start}})-[r:{_RELATION}]->(b:{_ENTITY}) "
    f"WHERE b.id IN $ids{_ADDED_UP}"
)
"""The relations whose ends are both among `ids`."""

RELATIONS_OF: Final = (
    f"MATCH (a<one>)-[r:{_DIRECTED}]->(b:{_ENTITY}){_ADDED_UP}",
    f"MATCH (a:{_ENTITY})-[r:{_DIRECTED}]->(b<one>){_ADDED_UP}",
    f"MATCH (a<one>)-[r:{SYMMETRIC}]-(b:{_ENTITY}){_ADDED_UP}",
)
"""The relations of entities, in three texts for `ask_each`; one between two of them may come twice, and its total
counts double."""

FEW: Final = 40
"""Up to so many entities are asked for one by one."""


def ask_each(store: Store, text: str, ids: Collection[str], parameters: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a text about each of these entities, in which `<one>` stands for the node of one of them.

    Few are found by the key of their label, which takes a millisecond each; for many, the engine goes over all nodes
    once.
    """
    if len(ids) > FEW:
        many = text.replace("<one>", f":{_ENTITY} {{id: start}}")
        return store.run(f"UNWIND $ids AS start {many}", {"ids": sorted(ids), **parameters})
    return [
        row
        for one in sorted(ids)
        if is_entity_id(one)
        for row in store.run(text.replace("<one>", f":{entity_label(one)} {{id: $id}}"), {"id": one, **parameters})
    ]
