"""Bring a store up to date with linked papers, whatever the engine: only what differs is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from kgraph.batches import batches
from kgraph.errors import UsageError
from kgraph.schema import Entity, LinkedPaper
from kgraph.store.base import Store
from kgraph.store.read import read_entities, read_revisions
from kgraph.store.statements import (
    UNNAMED_ENTITIES,
    remove_nodes,
    remove_papers,
    replace_papers,
    write_entities,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: numbers of papers, and of entities that were renamed or that nothing names any more."""

    added: int
    replaced: int
    removed: int
    unchanged: int
    entities_updated: int
    entities_removed: int


def sync_store(
    store: Store,
    entities: Mapping[str, Entity],
    papers: Iterable[LinkedPaper],
    *,
    batch_size: int = 100,
    on_progress: Callable[[int], None] | None = None,
) -> SyncReport:
    """Make the store hold exactly these papers, their statements and the entities that the statements name.

    A paper whose revision the store has already costs nothing. Every batch is one transaction; a sync that was
    interrupted is completed by running it again. `entities` holds at least every entity that a statement names, by id;
    `on_progress` is called with the number of papers after every batch of them.

    Raises:
        UsageError: a paper id comes twice.
        StoreError: the engine failed; what was written before stays.
    """
    stored = read_revisions(store)
    renamed = _update_entities(store, entities, batch_size)
    seen: set[str] = set()
    added = replaced = 0
    for batch in batches(papers, batch_size):
        _add_new(seen, batch)
        changed = [linked for linked in batch if stored.get(linked.paper.id) != linked.revision]
        if changed:
            store.write(list(replace_papers(changed, entities)))
        added += sum(linked.paper.id not in stored for linked in changed)
        replaced += sum(linked.paper.id in stored for linked in changed)
        if on_progress is not None:
            on_progress(len(batch))
    gone = sorted(stored.keys() - seen)
    for ids in batches(gone, batch_size):
        store.write(list(remove_papers(ids)))
    swept = _remove_unnamed_entities(store, batch_size)
    return SyncReport(added, replaced, len(gone), len(seen) - added - replaced, renamed, swept)


def _update_entities(store: Store, entities: Mapping[str, Entity], batch_size: int) -> int:
    changed = [entities[one.id] for one in read_entities(store) if one.id in entities and one != entities[one.id]]
    for batch in batches(changed, batch_size):
        store.write(list(write_entities(batch)))
    return len(changed)


def _remove_unnamed_entities(store: Store, batch_size: int) -> int:
    unnamed = store.run(UNNAMED_ENTITIES)
    for batch in batches(unnamed, batch_size):
        for label, rows in groupby(batch, key=itemgetter("label")):
            store.write(list(remove_nodes(label, [row["id"] for row in rows])))
    return len(unnamed)


def _add_new(seen: set[str], batch: Sequence[LinkedPaper]) -> None:
    for linked in batch:
        if linked.paper.id in seen:
            raise UsageError(f"the paper {linked.paper.id} comes twice")
        seen.add(linked.paper.id)
