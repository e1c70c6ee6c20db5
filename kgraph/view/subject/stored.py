"""Pictures of a database, embedded or Neo4j: only what a picture shows is read, but for pictures of everything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any, Final

from kgraph.schema import ENTITY_LABELS, PAPER, RELATION_TYPES, ROLE_TYPES, SAME_TERM_AS, Statement
from kgraph.store import Row, Store, read_store
from kgraph.store.relations import RELATIONS, RELATIONS_BETWEEN, RELATIONS_OF, ask_each
from kgraph.store.statements import (
    EDGE_COLUMNS,
    ENTITIES_OF_PAPER,
    ENTITY_COLUMNS,
    PAPERS_BY_ID,
    RELATIONS_AMONG,
    ROLES_AMONG,
    SAME_TERMS_AMONG,
)
from kgraph.view.subject.base import (
    PERIOD_LENGTHS,
    Cited,
    Evidence,
    Key,
    Line,
    Node,
    Period,
    Subject,
    by_sureness,
    line_key,
    role_line,
    same_term,
)
from kgraph.view.subject.names import cited, web_address
from kgraph.view.subject.surest import Surest

READ_ALL: Final = 5_000
"""For more nodes than this the whole database is read at once, and what belongs to them is kept."""

READ_ROLES: Final = 10_000
"""Up to so many statements of what papers do with the entities of a picture are read at once; of more, the surest."""

_ENTITY: Final = "|".join(ENTITY_LABELS)
_ROLE: Final = "|".join(ROLE_TYPES.values())
_RANK: Final = " ".join(f"WHEN '{role}' THEN {rank}" for rank, role in enumerate(ROLE_TYPES.values()))
_EVERYTHING: Final = 2**31 - 1

_COUNTED: Final = "RETURN e.id AS id, count(*) AS papers, min(r.year) AS first, max(r.year) AS last"
_PAPERS: Final = f"MATCH (p:{PAPER})-[r:{_ROLE}]->(e:{_ENTITY}) {_COUNTED}"
_PAPERS_OF: Final = f"MATCH (p:{PAPER})-[r:{_ROLE}]->(e<one>) {_COUNTED}"
_ENTITIES_OF: Final = f"MATCH (e<one>) RETURN {ENTITY_COLUMNS} ORDER BY id"
_ENTITIES: Final = f"MATCH (e:{_ENTITY}) RETURN count(e) AS count"
_ALL_PAPERS: Final = f"MATCH (p:{PAPER}) RETURN count(p) AS count"
_DEGREE: Final = (
    f"-[:{'|'.join((*RELATION_TYPES, SAME_TERM_AS))}]-(b:{_ENTITY}) RETURN a.id AS id, count(DISTINCT b.id) AS degree"
)
_DEGREES: Final = f"MATCH (a:{_ENTITY}){_DEGREE}"
_DEGREES_OF: Final = f"MATCH (a<one>){_DEGREE}"
_NAMED_BY: Final = (
    f"UNWIND $ids AS start MATCH (a:{PAPER} {{id: start}})-[:{_ROLE}]->(b:{_ENTITY}) "
    "RETURN a.id AS id, count(DISTINCT b.id) AS degree"
)
_SAME_TERMS_OF: Final = (
    f"MATCH (a<one>)-[:{SAME_TERM_AS}]-(b:{_ENTITY}) RETURN a.id AS id, b.id AS other ORDER BY id, other"
)
_ALL_ROLES_OF: Final = f"MATCH (a:{PAPER})-[r:{_ROLE}]->(b<one>) RETURN {EDGE_COLUMNS} ORDER BY id"
_ROLES_OF: Final = (
    f"MATCH (a:{PAPER})-[r:{_ROLE}]->(b<one>) RETURN {EDGE_COLUMNS} "
    f"ORDER BY CASE type {_RANK} END, score DESC, coalesce(year, 0) DESC, id SKIP $offset LIMIT $limit"
)
_PERIOD: Final = "p.year IS NOT NULL AND size(p.published) >= $length"
_PAPERS_IN: Final = (
    f"MATCH (p:{PAPER}) WHERE {_PERIOD} "
    "RETURN left(p.published, $length) AS period, count(DISTINCT p.id) AS papers ORDER BY period"
)
_ENTITIES_IN: Final = (
    f"MATCH (p:{PAPER})-[:{_ROLE}]->(e:{_ENTITY}) WHERE {_PERIOD} "
    "RETURN e.id AS id, left(p.published, $length) AS period, count(DISTINCT p.id) AS papers ORDER BY id, period"
)


class StoredGraph(Subject):
    """The graph of an open store, or the part of it that relations with this support and confidence hold together.

    Pages of a graph `on_demand` hold what they show; they ask their server for evidence and for more neighbours.
    """

    def __init__(
        self, store: Store, *, min_papers: int = 1, min_confidence: float = 0.0, on_demand: bool = False
    ) -> None:
        self._store, self.on_demand = store, on_demand
        self._least: Mapping[str, Any] = {"min_papers": min_papers, "min_confidence": min_confidence}
        self._is_whole = min_papers <= 1 and min_confidence <= 0

    def size(self) -> tuple[int, int]:
        """See `Subject.size`."""
        return self._store.run(_ENTITIES)[0]["count"], self._store.run(_ALL_PAPERS)[0]["count"]

    def nodes(self, ids: Collection[str]) -> dict[str, Node]:
        """See `Subject.nodes`."""
        entities = ask_each(self._store, _ENTITIES_OF, ids, {})
        papers = self._rows(PAPERS_BY_ID, set(ids) - {row["id"] for row in entities})
        counts = {row["id"]: row for row in self._counts(ids)}
        named = self._rows(_NAMED_BY, [row["id"] for row in papers])
        degrees = {row["id"]: row["degree"] for row in (*self._asked(ids, _DEGREES, _DEGREES_OF), *named)}
        found = (
            *(_entity(row, counts.get(row["id"]), degrees) for row in entities),
            *(_paper(row, degrees) for row in papers),
        )
        return {node.id: node for node in found}

    def papers_of(self, ids: Collection[str] | None = None) -> dict[str, int]:
        """See `Subject.papers_of`."""
        return {row["id"]: row["papers"] for row in self._counts(ids)}

    def entities_of(self, paper_id: str) -> list[str]:
        """See `Subject.entities_of`."""
        rows = self._store.run(ENTITIES_OF_PAPER, {"id": paper_id, "limit": _EVERYTHING})
        return [row["id"] for row in rows]

    def lines(self) -> list[Line]:
        """See `Subject.lines`."""
        return [Line(**row) for row in self._store.run(RELATIONS, self._least)]

    def lines_of(self, entities: Collection[str]) -> list[Line]:
        """See `Subject.lines_of`."""
        asked = (ask_each(self._store, text, entities, self._least) for text in RELATIONS_OF)
        found = [Line(**row) for rows in asked for row in rows]
        if self._is_whole:
            same = ask_each(self._store, _SAME_TERMS_OF, entities, {})
            found += [same_term(row["id"], row["other"]) for row in same]
        return list({line.key: line for line in found}.values())

    def lines_between(self, entities: Collection[str], papers: Collection[str] = ()) -> list[Line]:
        """See `Subject.lines_between`."""
        same = self._rows(SAME_TERMS_AMONG, entities) if self._is_whole else []
        return [
            *self._relations_between(entities),
            *(same_term(row["source"], row["target"]) for row in same),
            *(role_line(Statement(**row)) for row in self._roles_between(entities, papers)),
        ]

    def evidence(self, nodes: Sequence[Node], lines: Sequence[Line], most: int) -> Evidence:
        """See `Subject.evidence`."""
        surest = Surest(nodes, lines, most)
        if self.on_demand:
            return surest.evidence({})
        if len(nodes) > READ_ALL:
            return surest.evidence(self._read_all(surest))
        entities = [node.id for node in nodes if node.label != PAPER]
        papers = [node.id for node in nodes if node.label == PAPER]
        of_papers = (Statement(**row) for row in self._roles_between(entities, papers))
        if sum(node.papers for node in nodes) <= READ_ROLES:
            roles = chain(of_papers, (Statement(**row) for row in ask_each(self._store, _ALL_ROLES_OF, entities, {})))
        else:
            roles = chain(of_papers, *(self.roles(entity_id, 0, most) for entity_id in entities))
        surest.add({one.id: one for one in roles}.values())
        surest.add(self._statements_between(entities))
        return surest.evidence(self.cited(surest.paper_ids()))

    def roles(self, entity_id: str, offset: int, limit: int) -> list[Statement]:
        """Return what papers do with an entity, the strongest role and the surest first, from the offset on."""
        rows = ask_each(self._store, _ROLES_OF, [entity_id], {"offset": offset, "limit": limit})
        return [Statement(**row) for row in rows]

    def statements(self, key: Key) -> list[Statement]:
        """Return the statements of a line, the surest first."""
        kind, source, target = key
        if kind in RELATION_TYPES:
            found = list(self._statements_between([source, target]))
        else:
            found = [Statement(**row) for row in self._roles_between([target], [source])]
        return sorted((one for one in found if line_key(one) == key), key=by_sureness)

    def cited(self, paper_ids: Collection[str]) -> dict[str, Cited]:
        """Return what is told of these papers, by id."""
        return {row["id"]: cited(row) for row in self._rows(PAPERS_BY_ID, paper_ids)}

    def periods(self, by: Period) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
        """See `Subject.periods`."""
        asked = {"length": PERIOD_LENGTHS[by]}
        papers = {row["period"]: row["papers"] for row in self._store.run(_PAPERS_IN, asked)}
        return papers, [(row["id"], row["period"], row["papers"]) for row in self._store.run(_ENTITIES_IN, asked)]

    def _rows(self, cypher: str, ids: Collection[str]) -> list[Row]:
        return self._store.run(cypher, {"ids": sorted(ids)}) if ids else []

    def _counts(self, ids: Collection[str] | None) -> list[Row]:
        return self._store.run(_PAPERS) if ids is None else self._asked(ids, _PAPERS, _PAPERS_OF)

    def _asked(self, ids: Collection[str], of_all: str, of_ids: str) -> list[Row]:
        """Return the rows of these ids: those of all are read where they are very many."""
        if len(ids) <= READ_ALL:
            return ask_each(self._store, of_ids, ids, {})
        wanted = set(ids)
        return [row for row in self._store.run(of_all) if row["id"] in wanted]

    def _relations_between(self, entities: Collection[str]) -> list[Line]:
        if len(entities) > READ_ALL:
            among = set(entities)
            return [line for line in self.lines() if line.source in among and line.target in among]
        asked = {"ids": sorted(entities), **self._least}
        return [Line(**row) for row in self._store.run(RELATIONS_BETWEEN, asked)] if entities else []

    def _statements_between(self, entities: Collection[str]) -> Iterable[Statement]:
        return (Statement(**row) for row in self._rows(RELATIONS_AMONG, entities))

    def _roles_between(self, entities: Collection[str], papers: Collection[str]) -> list[Row]:
        return self._store.run(ROLES_AMONG, {"ids": sorted(entities), "papers": sorted(papers)}) if papers else []

    def _read_all(self, surest: Surest) -> dict[str, Cited]:
        found = {}
        for linked in read_store(self._store)[1]:
            surest.add(linked.statements)
            paper = linked.paper
            found[paper.id] = cited(asdict(paper) | {"year": paper.year})
        return found


def _entity(row: Row, counts: Row | None, degrees: Mapping[str, int]) -> Node:
    papers, first, last = (counts["papers"], counts["first"], counts["last"]) if counts else (0, None, None)
    name, degree = row["name"].strip() or row["id"], degrees.get(row["id"], 0)
    return Node(row["id"], row["label"], name, papers, degree, first, last, tuple(row["aliases"]), web_address(row))


def _paper(row: Row, degrees: Mapping[str, int]) -> Node:
    told, degree = cited(row), degrees.get(row["id"], 0)
    return Node(
        row["id"], PAPER, told.title, 1, degree, told.year, told.year, (), told.url, tuple(row["authors"] or ())
    )
