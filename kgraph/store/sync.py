"""Bring a store up to date with linked papers, whatever the engine: only what differs is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from kgraph.batches import batches
from kgraph.errors import UsageError
from kgraph.same_terms import same_terms
from kgraph.schema import Entity, LinkedPaper
from kgraph.store.base import Store
from kgraph.store.read import read_entities, read_revisions, read_same_terms
from kgraph.store.statements import (
    UNNAMED_ENTITIES,
    entity_row,
    join_same_terms,
    part_same_terms,
    remove_nodes,
    remove_papers,
    replace_papers,
    write_entities,
)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: numbers of papers, of entities that were renamed or that nothing names any more, and of pairs of
    entities that were joined as the same term or parted.
    """

    added: int
    replaced: int
    removed: int
    unchanged: int
    entities_updated: int
    entities_removed: int
    same_terms: int = 0


def sync_store(
    store: Store,
    entities: Mapping[str, Entity],
    papers: Iterable[LinkedPaper],
    *,
    batch_size: int = 100,
    on_progress: Callable[[int], None] | None = None,
) -> SyncReport:
    """Make the store hold exactly these papers, their statements and the entities that the statements name.

    Of the entities that it holds, those that are the same term are joined.

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
    named: set[str] = set()
    added = replaced = 0
    for batch in batches(papers, batch_size):
        _add_new(seen, batch)
        named.update(end for linked in batch for one in linked.statements for end in (one.source, one.target))
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
    rejoined = _sync_same_terms(store, {key: entities[key] for key in named & entities.keys()}, batch_size)
    swept = _remove_unnamed_entities(store, batch_size)
    return SyncReport(added, replaced, len(gone), len(seen) - added - replaced, renamed, swept, rejoined)


def _update_entities(store: Store, entities: Mapping[str, Entity], batch_size: int) -> int:
    stored = {entity.id: entity_row(entity) for entity in read_entities(store)}
    wanted = (entities[key] for key in stored if key in entities)
    changed = [entity for entity in wanted if entity_row(entity) != stored[entity.id]]
    for batch in batches(changed, batch_size):
        store.write(list(write_entities(batch)))
    return len(changed)


def _sync_same_terms(store: Store, entities: Mapping[str, Entity], batch_size: int) -> int:
    """Join and part until just the pairs among these entities are joined; no other entity is joined then."""
    stored, wanted = set(read_same_terms(store)), set(same_terms(entities.values()))
    for pairs in batches(sorted(stored - wanted), batch_size):
        store.write(list(part_same_terms(pairs)))
    for pairs in batches(sorted(wanted - stored), batch_size):
        store.write(list(join_same_terms(pairs, entities)))
    return len(stored ^ wanted)


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
