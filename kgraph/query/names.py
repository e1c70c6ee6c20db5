"""Which entity a user means by a name: names and aliases in any case, ids, normal forms; near names where none fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kgraph.errors import NotFoundError
from kgraph.link import entity_id
from kgraph.query.library import find_query
from kgraph.query.parameters import check_parameters
from kgraph.schema import ENTITY_LABELS
from kgraph.store import Row, Store


def find_entities(store: Store, name: str, labels: Iterable[str] = ENTITY_LABELS) -> list[Row]:
    """Return the entities (id, kind, name, aliases, papers) that bear a name, an alias or an id, in any case.

    The likeliest is first: that id, that very name, that name in another case, that very alias; then by papers.
    Where none bears it, those of the same normal form. Raises `NotFoundError` with names that are near.
    """
    labels = tuple(labels)
    found = _named(store, name, labels) or [
        row for label in labels for row in _named(store, entity_id(label, name), labels)
    ]
    if found:
        return sorted(found, key=lambda row: _distance(row, name))
    near = _near_names(store, name, labels)
    hint = f"did you mean {', '.join(near)}?" if near else "try `kgraph search` with a part of it"
    raise NotFoundError(f"no {' or '.join(labels).lower()} is called {name!r}; {hint}")


def find_entity(store: Store, name: str, labels: Iterable[str] = ENTITY_LABELS) -> Row:
    """Return the entity that a user means by a name: the first of `find_entities`."""
    return find_entities(store, name, labels)[0]


def find_id(store: Store, name: str, labels: Iterable[str] = ENTITY_LABELS) -> str:
    """Return the id of the entity that a user means by a name: that of `find_entity`.

    Most names make the id of their entity, which is found by its key; to look for an alias is to look at all entities.
    """
    labels = tuple(labels)
    ids = dict.fromkeys((name, *(entity_id(label, name) for label in labels)))
    found = [row for node_id in ids for row in _ask(store, "entity", id=node_id) if row["kind"] in labels]
    named = (
        [row["id"] for row in found if row["id"] == name]
        or [row["id"] for row in found if row["name"] == name]
        or [row["id"] for row in found if row["name"].casefold() == name.casefold()]
        or [find_entity(store, name, labels)["id"]]
    )
    return str(named[0] if len(named) == 1 else min(named, key=lambda node_id: (-_papers(store, node_id), node_id)))


def search_entities(store: Store, text: str, limit: int = 20) -> list[Row]:
    """Return the entities (id, kind, name, aliases, papers) whose name or an alias contains a text, in any case."""
    return _ask(store, "search-entities", text=text, limit=limit)


def _ask(store: Store, name: str, **values: Any) -> list[Row]:
    query = find_query(name, store.engine)
    return store.run(query.cypher, check_parameters(query, values))


def _papers(store: Store, node_id: str) -> int:
    return sum(row["papers"] for row in _ask(store, "trend", entity=node_id))


def _named(store: Store, name: str, labels: tuple[str, ...]) -> list[Row]:
    return [row for row in _ask(store, "find-entity", text=name, limit=100) if row["kind"] in labels]


def _distance(row: Row, name: str) -> tuple[bool, bool, bool, bool, int, str]:
    is_folded = row["name"].casefold() == name.casefold()
    return row["id"] != name, row["name"] != name, not is_folded, name not in row["aliases"], -row["papers"], row["id"]


def _near_names(store: Store, name: str, labels: tuple[str, ...]) -> list[str]:
    words = sorted(re.findall(r"\w{3,}", name), key=len, reverse=True)
    rows = (row for word in (name, *words) for row in search_entities(store, word, limit=5))
    return list(dict.fromkeys(row["name"] for row in rows if row["kind"] in labels))[:3]
