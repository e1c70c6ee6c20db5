"""What stands in the middle of a graph, and what belongs together: PageRank, degree and communities of its entities.

In: a store. Out: `RankedEntity`s, computed over all relations that have enough support, each weighing as much as the
papers that state it; entities that no such relation joins are left out. On demand they are kept in the store as the
properties `pagerank`, `degree` and `community`. The same graph gives the same numbers on every engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from kgraph.batches import batches
from kgraph.communities import find_communities, join_nodes
from kgraph.schema import ENTITY_LABELS, RELATION_ENDS
from kgraph.store import Row, Step, Store
from kgraph.store.relations import RELATIONS
from kgraph.support import SYMMETRIC

if TYPE_CHECKING:
    pass

_DAMPING: Final = 0.85
_PRECISION: Final = 1e-12
_BATCH: Final = 5_000
_TERMS: Final = 5
_Vote = tuple[int, int, int]
_ENDS: Final = ("source", "target")
_PROPERTIES: Final = ("pagerank", "degree", "community")

_ENTITY: Final = "|".join(ENTITY_LABELS)
_STORED: Final = (
    f"MATCH (e:{_ENTITY}) WHERE e.pagerank IS NOT NULL "
    "RETURN e.id AS id, e.kind AS label, e.pagerank AS pagerank, e.degree AS degree, e.community AS community"
)
_NAMES: Final = f"UNWIND $ids AS id MATCH (e:{_ENTITY} {{id: id}}) RETURN e.id AS id, e.name AS name"


@dataclass(frozen=True, slots=True)
class RankedEntity:
    """An entity with its figures.

    `pagerank` is its PageRank along the relations, which lead to what is used, built on and solved (a comparison leads
    both ways); those of all entities sum to 1. `degree` is with how many entities it has a relation. `community` is the
    number of the community that it is in, 1 the largest (Louvain).
    """

    id: str
    label: str
    pagerank: float
    degree: int
    community: int


def analyze_store(store: Store, *, min_papers: int = 1, min_confidence: float = 0.0) -> list[RankedEntity]:
    """Return every entity that a relation with this support and confidence joins, the highest PageRank first."""
    return rank_entities(store.run(RELATIONS, {"min_papers": min_papers, "min_confidence": min_confidence}))


def rank_entities(relations: Iterable[Row]) -> list[RankedEntity]:
    """Rank the ends of these relations (`type`, `source`, `target`, `papers`), whatever their order."""
    ordered = sorted(relations, key=itemgetter("type", "source", "target"))
    if not ordered:
        return []
    labels = {row[end]: label for row in ordered for end, label in zip(_ENDS, RELATION_ENDS[row["type"]], strict=True)}
    numbers = {entity_id: number for number, entity_id in enumerate(sorted(labels))}
    pageranks = _pageranks(list(_votes(ordered, numbers)), len(numbers))
    joined = ((numbers[row["source"]], numbers[row["target"]], row["papers"]) for row in ordered)
    graph = join_nodes(len(numbers), joined)
    communities = find_communities(graph)
    ranked = (
        RankedEntity(entity_id, labels[entity_id], pageranks[number], graph.degree[number], communities[number])
        for entity_id, number in numbers.items()
    )
    return sorted(ranked, key=lambda one: (-one.pagerank, one.id))


def list_entities(store: Store, ranked: Sequence[RankedEntity], limit: int) -> list[Row]:
    """Return the first of these entities with their names: id, name, kind, pagerank, degree, community."""
    names = _names(store, ranked[:limit])
    return [
        {
            "id": one.id,
            "name": names[one.id],
            "kind": one.label,
            "pagerank": one.pagerank,
            "degree": one.degree,
            "community": one.community,
        }
        for one in ranked[:limit]
    ]


def list_communities(store: Store, ranked: Iterable[RankedEntity], limit: int) -> list[Row]:
    """Return the largest communities: community (its number), entities (how many), and terms, its highest PageRanks."""
    members: dict[int, list[RankedEntity]] = defaultdict(list)
    for one in ranked:
        members[one.community].append(one)
    largest = sorted(members.items())[:limit]
    # A term may be a method here and a task there, and is told once.
    names = _names(store, [one for _, found in largest for one in found[: 2 * _TERMS]])
    return [
        {
            "community": number,
            "entities": len(found),
            "terms": list(dict.fromkeys(names[one.id] for one in found[: 2 * _TERMS]))[:_TERMS],
        }
        for number, found in largest
    ]


def write_analysis(store: Store, ranked: Iterable[RankedEntity]) -> int:
    """Make the entities of the store hold these figures and no others; return how many were changed.

    They stay until the entity is written anew; ranking nothing removes them. What is as it should be costs no write.
    """
    stored = {row["id"]: RankedEntity(**row) for row in store.run(_STORED)}
    wanted = {one.id: one for one in ranked}
    changed = [_figures(one) for key, one in wanted.items() if stored.get(key) != one]
    gone = [_figures(one) | dict.fromkeys(_PROPERTIES) for key, one in stored.items() if key not in wanted]
    rows = sorted(changed + gone, key=itemgetter("label", "id"))
    for batch in batches(rows, _BATCH):
        store.write([Step(_set(label), {"rows": list(group)}) for label, group in groupby(batch, itemgetter("label"))])
    return len(rows)


def _votes(relations: Iterable[Row], numbers: Mapping[str, int]) -> Iterator[_Vote]:
    """Yield each relation as a vote of its source for its target; a symmetric one also the other way."""
    for row in relations:
        source, target = numbers[row["source"]], numbers[row["target"]]
        yield source, target, row["papers"]
        if row["type"] == SYMMETRIC:
            yield target, source, row["papers"]


def _pageranks(votes: Sequence[_Vote], size: int) -> list[float]:
    """Return the PageRank of each number below `size`, by power iteration.

    It is what `networkx.pagerank` returns, which needs the 35 MB of scipy for it.
    """
    import numpy as np

    sources, targets, papers = np.array(votes).T
    given = np.bincount(sources, papers, size)
    shares, silent = papers / given[sources], given == 0
    ranks, moved = np.full(size, 1 / size), 1.0
    while moved > _PRECISION:
        before = ranks
        everywhere = (1 - _DAMPING + _DAMPING * before[silent].sum()) / size
        ranks = everywhere + _DAMPING * np.bincount(targets, shares * before[sources], size)
        moved = np.abs(ranks - before).sum()
    found: list[float] = ranks.tolist()
    return found


def _names(store: Store, ranked: Iterable[RankedEntity]) -> dict[str, str]:
    return {row["id"]: row["name"] for row in store.run(_NAMES, {"ids": [one.id for one in ranked]})}


def _figures(one: RankedEntity) -> Row:
    return {name: getattr(one, name) for name in ("id", "label", *_PROPERTIES)}


def _set(label: str) -> str:
    # A batch may hold nothing but NULL, which has no type.
    return (
        f"UNWIND $rows AS row MATCH (n:{label} {{id: row.id}}) SET n.pagerank = toFloat(row.pagerank), "
        "n.degree = toInteger(row.degree), n.community = toInteger(row.community)"
    )
