"""The main job in its order: read -> records -> extract -> records -> link -> store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from kgraph.batches import batches
from kgraph.errors import NotFoundError
from kgraph.extract import extract_papers, extraction_row, load_pipeline, pipeline_version
from kgraph.link import NO_ALIASES, Aliases, Decision, read_aliases
from kgraph.linked import LinkedRecords
from kgraph.linking import link_records
from kgraph.query import find_entities
from kgraph.read import ReadReport, read_papers
from kgraph.records import Changes, Records, open_records
from kgraph.schema import Entity, Merge, Paper
from kgraph.store import Row, SyncReport, open_store, sync_source
from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    from kgraph.store import Store

RECORDS: Final = "records.sqlite"
ALIASES: Final = "aliases.toml"
BATCH: Final = 128
"""Papers in one transaction: what a killed run loses at most of its last step."""

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a step, how many papers are done, and of how many (None where nobody knows)."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What a linking did: how many nodes there are now, and what changed in the database.

    `unmatched` are the names of the alias file that no entity bears.
    """

    entities: int
    unmatched: tuple[Decision, ...]
    sync: SyncReport


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: papers read and stored, papers extracted, nodes linked, and what changed in the database.

    `failed` are the papers that a pipeline component failed on, each with the reason; they stay without entities.
    """

    read: ReadReport
    papers: Changes
    extracted: int
    failed: tuple[str, ...]
    linked: LinkReport


def no_progress(step: str, done: int, total: int | None) -> None:
    """Take no notice of progress."""


def build(
    paths: Iterable[str | Path],
    db: str | Path,
    *,
    format: str | None = None,
    strict: bool = False,
    without_abstract: Literal["keep", "skip"] = "keep",
    aliases: str | Path | None = None,
    model: str | Path | None = None,
    workers: int = 1,
    report: ReadReport | None = None,
    on_progress: Progress = no_progress,
) -> BuildReport:
    """Read papers, extract, link, and bring the database in the folder `db` up to date; a second run changes nothing.

    A run that was stopped goes on from its last batch when it is started again. `aliases` is a TOML file (see
    `kgraph.link.aliases`) that stays with the database; `report` is filled while papers are read. Raises `InputError`
    for input that cannot be read at all and, when `strict`, for the first broken record; `NotFoundError` where there is
    no paper in it; `StoreError` for a database that cannot be used.
    """
    folder, read = Path(db), ReadReport() if report is None else report
    papers = read_papers(
        paths, format=format, strict=strict, without_abstract=without_abstract, keep_repeats=True, report=read
    )
    decided = _keep_aliases(aliases, folder)
    with open_records(folder / RECORDS) as records:
        changes = _add_papers(records, papers, on_progress)
        extracted, failed = _extract_pending(records, model, workers, on_progress)
        with open_store(folder) as store:
            linked = _project(records, store, decided, on_progress)
    return BuildReport(read, changes, extracted, failed, linked)


def link(db: str | Path, *, aliases: str | Path | None = None, on_progress: Progress = no_progress) -> LinkReport:
    """Link the papers of the database in the folder `db` anew, without extracting again.

    `aliases` is an alias file that takes the place of the one that the database keeps. Raises `InputError` for a file
    that is none, before anything is changed, and `NotFoundError` where there is no database.
    """
    with _open_existing(db) as records, open_store(db) as store:
        return _project(records, store, _keep_aliases(aliases, Path(db)), on_progress)


def list_merges(db: str | Path, entity: str | None = None) -> list[Row]:
    """Return which names of papers (alias, in how many `papers`) stand for another entity (entity, kind), and why.

    Those of the entities that bear a name, by id, or of all; most papers first. Raises `NotFoundError` where no entity
    bears it, or there is no database.
    """
    with _open_existing(db) as records, open_store(db, read_only=True) as store, records.snapshot():
        ids = [row["id"] for row in find_entities(store, entity)] if entity is not None else [None]
        merges = sorted((one for each in ids for one in records.links.merges(each)), key=_by_use)
        nodes = {node.id: node for node, _ in records.links.nodes({one.entity_id for one in merges})}
        return [_merge_row(one, nodes[one.entity_id]) for one in merges]


def _by_use(merge: Merge) -> tuple[int, str, str]:
    return -merge.papers, merge.entity_id, merge.alias


def _merge_row(merge: Merge, entity: Entity) -> Row:
    return {
        "entity": entity.name,
        "kind": entity.label,
        "alias": merge.alias,
        "papers": merge.papers,
        "reason": merge.reason,
        "id": entity.id,
    }


def remove(paper_ids: Iterable[str], db: str | Path) -> SyncReport:
    """Remove papers, and the entities that no other paper names, from the database in the folder `db`.

    Raises `NotFoundError` where there is no database, and where it has none of these papers.
    """
    with _open_existing(db) as records, open_store(db) as store:
        if not records.remove_papers(paper_ids):
            raise NotFoundError("no paper has such an id: nothing was removed")
        return _project(records, store, _kept_aliases(Path(db)), no_progress).sync


def load(db: str | Path, store: Store, *, on_progress: Progress = no_progress) -> SyncReport:
    """Bring another store (Neo4j) up to date with the records of the database in the folder `db`."""
    with _open_existing(db) as records:
        return _project(records, store, _kept_aliases(Path(db)), on_progress).sync


def check_database(db: str | Path) -> None:
    """Raise `NotFoundError` where there is no database in the folder `db`."""
    if not (Path(db) / RECORDS).exists():
        raise NotFoundError(f"no database at {db}: make one with `kgraph build INPUT... --db {db}`")


def extract_rows(
    paths: Iterable[str | Path],
    *,
    format: str | None = None,
    strict: bool = False,
    without_abstract: Literal["keep", "skip"] = "keep",
    model: str | Path | None = None,
    workers: int = 1,
    report: ReadReport | None = None,
    on_progress: Progress = no_progress,
) -> Iterator[dict[str, Any]]:
    """Read papers and yield what is found in each as a JSON-ready object, in the order of the input; store nothing."""
    papers, kept = tee(
        read_papers(paths, format=format, strict=strict, without_abstract=without_abstract, report=report)
    )
    extractions = extract_papers(papers, nlp=load_pipeline(model), workers=workers)
    for done, (paper, extraction) in enumerate(zip(kept, extractions, strict=True), start=1):
        yield extraction_row(paper, extraction)
        on_progress("extract", done, None)


def _open_existing(db: str | Path) -> Records:
    check_database(db)
    return open_records(Path(db) / RECORDS)


def _add_papers(records: Records, papers: Iterable[Paper], on_progress: Progress) -> Changes:
    changes, done = Changes(), 0
    for batch in batches(papers, BATCH):
        changes += records.add_papers(batch)
        done += len(batch)
        on_progress("read", done, None)
    if not records.count_papers():
        raise NotFoundError("no paper was found in the input")
    return changes


def _extract_pending(
    records: Records, model: str | Path | None, workers: int, on_progress: Progress
) -> tuple[int, tuple[str, ...]]:
    """Extract what has not been; a paper that fails stays pending, so that the next run tries and names it again."""
    nlp = load_pipeline(model)
    version, done, failed = pipeline_version(nlp), 0, dict[str, str]()
    total = records.count_pending(version)
    extractions = extract_papers(
        records.pending(version),
        nlp=nlp,
        workers=workers,
        on_error=lambda paper, reason: failed.update({paper.id: f"{paper.id}: {reason}"}),
    )
    for batch in batches(extractions, BATCH):
        records.add_extractions([one for one in batch if one.paper_id not in failed], version)
        done += len(batch)
        on_progress("extract", done, total)
    return done - len(failed), tuple(failed.values())


def _project(records: Records, store: Store, aliases: Aliases, on_progress: Progress) -> LinkReport:
    while True:
        linked = link_records(records, aliases, on_progress=partial(on_progress, "link"))
        with records.snapshot():
            # Another process may have added papers since, or removed some.
            if not (records.links.changed_papers() or records.links.removed_papers()):
                sync = sync_source(store, LinkedRecords(records), on_progress=partial(on_progress, "store"))
                return LinkReport(linked.entities, linked.unmatched, sync)


def _keep_aliases(given: str | Path | None, folder: Path) -> Aliases:
    if given is None:
        return _kept_aliases(folder)
    aliases = read_aliases(given)
    if Path(given).resolve() != (folder / ALIASES).resolve():
        with whole_file(folder / ALIASES) as draft:
            shutil.copyfile(given, draft)
    return aliases


def _kept_aliases(folder: Path) -> Aliases:
    return read_aliases(folder / ALIASES) if (folder / ALIASES).exists() else NO_ALIASES
