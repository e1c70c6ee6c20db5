"""What an answer is made of from several queries: why two entities are joined, the card of an entity, the counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kgraph.errors import ParameterError
from kgraph.highlight import mark_names
from kgraph.query.answers import run_query
from kgraph.query.names import find_entities, find_entity
from kgraph.query.parameters import ALL
from kgraph.schema import RELATION_TYPES
from kgraph.store import Row, Store
from kgraph.support import relation_of, support

# What is marked -> the text that it is in.
_MARKED: Final = {"marks": "sentence", "context_marks": "context"}


def explain(store: Store, name: str, other: str, *, type: str | None = None) -> list[Row]:
    """Return the statements that join two entities, in either direction, of all types or of one: why they are joined.

    The rows are those of the query `statements-between` with the names of the two marked in their texts: `marks` and
    `context_marks` are lists of [start, end]. The best supported relation is first, and its surest statement; a
    comparison is one relation in both directions. Where several entities bear a name (a Method and a Task, say), the
    statements of all of them. Raises `ParameterError` for a type that no relation has.
    """
    if type not in (None, *RELATION_TYPES):
        raise ParameterError(f"no relation is of the type {type!r}: it is one of {', '.join(RELATION_TYPES)}")
    ones, others = ({row["id"]: row["aliases"] for row in find_entities(store, one)} for one in (name, other))
    pairs = {pair for one in ones for two in others for pair in ((one, two), (two, one))}
    relations = _relations_between(store, pairs, ones | others)
    weighed = [_with_support(relations[key]) for key in sorted(relations) if type in (None, key[0])]
    best_first = sorted(weighed, key=lambda rows: (-rows[0]["papers"], -rows[0]["confidence"]))
    return [row for rows in best_first for row in rows]


def describe_entity(store: Store, name: str, *, limit: int = 10) -> dict[str, Any]:
    """Return the card of an entity: id, kind, name, aliases, url, papers (how many), and of each kind at most `limit`:
    the entities that are the `same_terms`, `relations_from` it, `relations_to` it, and `papers_for` it with their
    sentences.
    """
    card = find_entity(store, name)
    card["same_terms"] = run_query(store, "same-terms", entity=card["id"], limit=limit)
    for query in ("relations-from", "relations-to", "papers-for-entity"):
        key = query.removesuffix("-entity").replace("-", "_")
        card[key] = run_query(store, query, entity=card["id"], limit=limit)
    return card


def find_paper(store: Store, paper_id: str) -> Row | None:
    """Return the paper (id, title, year, url) of this id, or None."""
    rows = run_query(store, "paper", paper=paper_id)
    return rows[0] if rows else None


def count_graph(store: Store) -> dict[str, dict[str, int]]:
    """Return how many `nodes` of each label, `edges` of each type, and `papers` of each year there are."""
    return {
        "nodes": {row["kind"]: row["count"] for row in run_query(store, "count-nodes")},
        "edges": {row["type"]: row["count"] for row in run_query(store, "count-edges")},
        "papers": {str(row["year"] or "no year"): row["papers"] for row in run_query(store, "papers-by-year")},
    }


def _relations_between(
    store: Store, pairs: Iterable[tuple[str, str]], names: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str, str], list[Row]]:
    """Return the statements between these ids, with their names marked, relation by relation."""
    relations: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for source, target in pairs:
        for row in run_query(store, "statements-between", source=source, target=target, limit=ALL):
            marked = _with_marks(row, names[source], names[target])
            relations[relation_of(row["type"], source, target)].append(marked)
    return relations


def _with_marks(row: Row, *names: Iterable[str]) -> Row:
    marks = {key: [list(mark) for mark in mark_names(row[text] or "", *names)] for key, text in _MARKED.items()}
    return row | marks


def _with_support(rows: list[Row]) -> list[Row]:
    """Return the statements of one relation, the surest first, with its support and confidence."""
    papers, confidence = support((row["paper"], row["score"]) for row in rows)
    surest_first = sorted(rows, key=lambda row: (-row["score"], row["id"]))
    return [row | {"papers": papers, "confidence": confidence} for row in surest_first]
