"""Bring a store up to date with linked papers, whatever the engine: only what differs is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Final

from kgraph.batches import batches
from kgraph.revisions import BUCKETS, Kind
from kgraph.schema import Entity, LinkedPaper
from kgraph.store.base import Step, Store
from kgraph.store.source import GivenGraph, Source
from kgraph.store.statements import (
    REVISION_SUMS,
    REVISIONS,
    finish_entities,
    remove_entities,
    remove_papers,
    write_entities,
    write_papers,
)

BATCH_SIZE: Final = 500
"""Papers, or entities, in one transaction: a server takes them faster than a hundred, and more are no faster."""
REFILL_PAPERS: Final = 200
"""Papers to write from which an embedded store is filled anew, where they are at least half of all papers."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: numbers of papers, and of entities that were there and have changed, or are gone."""

    added: int
    replaced: int
    removed: int
    unchanged: int
    entities_updated: int
    entities_removed: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one transaction does, and how many papers it writes."""

    steps: Sequence[Step]
    papers: int = 0


@dataclass(frozen=True, slots=True)
class _Difference:
    """The ids that a store lacks, has otherwise, and should not have; and how many it has as it should."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    unchanged: int

    @property
    def stale(self) -> list[str]:
        return sorted((*self.missing, *self.changed))


def sync_store(
    store: Store,
    entities: Mapping[str, Entity],
    papers: Iterable[LinkedPaper],
    *,
    batch_size: int = BATCH_SIZE,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> SyncReport:
    """Make the store hold exactly these papers, their statements and the entities that the statements name.

    `entities` holds at least every entity that a statement names, by id. See `sync_source`.
    """
    return sync_source(store, GivenGraph(entities, papers), batch_size=batch_size, on_progress=on_progress)


def sync_source(
    store: Store,
    source: Source,
    *,
    batch_size: int = BATCH_SIZE,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> SyncReport:
    """Make the store hold exactly what the source has.

    What has the same revision in both costs nothing. Every batch is one transaction; a sync that was interrupted is
    completed by running it again. `on_progress` is called with the papers that are written, and how many these are.

    Raises:
        StoreError: another process loads into the store; or the engine failed, and what was written before stays.
    """
    with store.writing():
        entities, papers = _differ(store, source, "entities"), _differ(store, source, "papers")
        stale = len(papers.stale)
        if store.can_refill and stale >= REFILL_PAPERS and stale >= papers.unchanged:
            _refill(store, source, on_progress)
        else:
            _write(store, source, entities, papers, batch_size, on_progress)
    return SyncReport(
        len(papers.missing), len(papers.changed), len(papers.gone), papers.unchanged,
        len(entities.changed), len(entities.gone),
    )  # fmt: skip


def _differ(store: Store, source: Source, kind: Kind) -> _Difference:
    rows = store.run(REVISION_SUMS[kind], {"buckets": BUCKETS})
    theirs = {row["bucket"]: (row["number"], row["total"]) for row in rows}
    ours = source.revision_sums(kind)
    buckets = sorted(bucket for bucket in theirs.keys() | ours.keys() if theirs.get(bucket) != ours.get(bucket))
    same = sum(number for bucket, (number, _) in ours.items() if theirs.get(bucket) == ours[bucket])
    if not buckets:
        return _Difference((), (), (), same)
    wanted = source.revisions(kind, buckets)
    stored = {row["id"]: row["revision"] for row in store.run(REVISIONS[kind], {"buckets": BUCKETS, "wanted": buckets})}
    changed = tuple(key for key, revision in wanted.items() if key in stored and stored[key] != revision)
    return _Difference(
        tuple(key for key in wanted if key not in stored),
        changed,
        tuple(key for key in stored if key not in wanted),
        same + len(wanted.keys() & stored.keys()) - len(changed),
    )


def _refill(store: Store, source: Source, on_progress: Callable[[int, int], None]) -> None:
    total = sum(number for number, _ in source.revision_sums("papers").values())

    def counted() -> Iterable[LinkedPaper]:
        for done, linked in enumerate(source.papers(), start=1):
            yield linked
            if done % BATCH_SIZE == 0 or done == total:
                on_progress(done, total)

    store.refill(source.entities(), counted())


def _write(
    store: Store,
    source: Source,
    entities: _Difference,
    papers: _Difference,
    batch_size: int,
    on_progress: Callable[[int, int], None],
) -> None:
    """Write entities before the statements that name them, and remove them after."""
    in_order = chain(
        _entity_batches(source, entities, batch_size),
        _paper_batches(source, papers, batch_size),
        (_Batch(list(remove_papers(gone))) for gone in batches(papers.gone, batch_size)),
        (_Batch(list(remove_entities(gone))) for gone in batches(entities.gone, batch_size)),
    )
    _write_behind(store, in_order, lambda done: on_progress(done, len(papers.stale)))


def _entity_batches(source: Source, entities: _Difference, batch_size: int) -> Iterator[_Batch]:
    new, linked = list(source.entities(entities.missing)), [*source.entities(entities.changed)]
    linked += [entity for entity in new if entity.same_term]
    for batch in batches((entity for entity in new if not entity.same_term), batch_size):
        yield _Batch(list(write_entities(batch, finished=True)))
    for batch in batches(linked, batch_size):
        yield _Batch(list(write_entities(batch, finished=False)))
    for batch in batches(linked, batch_size):
        yield _Batch(list(finish_entities(batch)))


def _paper_batches(source: Source, papers: _Difference, batch_size: int) -> Iterator[_Batch]:
    was_empty = not (papers.unchanged or papers.changed or papers.gone)
    for batch in batches(source.papers(papers.stale), batch_size):
        # Statements of a paper that somebody has deleted may be there without it.
        stored = [] if was_empty else [one.paper.id for one in batch]
        yield _Batch(list(write_papers(batch, stored=stored)), len(batch))


def _write_behind(store: Store, in_order: Iterable[_Batch], on_written: Callable[[int], None]) -> None:
    """Write each batch in a thread, while the next one is made; tell how many papers are written."""
    done = 0
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            writing = thread.submit(int)  # 0 papers, as there is no batch yet
            for batch in in_order:
                done = _finish(writing, done, on_written)
                writing = thread.submit(_write_batch, store, batch)
            _finish(writing, done, on_written)
        except BaseException:
            store.give_up()
            raise


def _write_batch(store: Store, batch: _Batch) -> int:
    store.write(batch.steps)
    return batch.papers


def _finish(writing: Future[int], done: int, on_written: Callable[[int], None]) -> int:
    if papers := writing.result():
        on_written(done + papers)
    return done + papers
