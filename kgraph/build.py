"""The main job in its order: read -> records -> extract -> records -> link -> store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from kgraph.errors import InputError, NotFoundError
from kgraph.extract import extract_papers, extraction_row, load_pipeline, pipeline_version
from kgraph.graph import link_paper
from kgraph.link import NO_ALIASES, Aliases, Linker, link_mentions, read_aliases
from kgraph.read import ReadReport, read_papers
from kgraph.records import Changes, Records, open_records
from kgraph.schema import Extraction, LinkedPaper, Paper
from kgraph.store import SyncReport, open_store, sync_store

if TYPE_CHECKING:
    from kgraph.store import Store

RECORDS: Final = "records.sqlite"
ALIASES: Final = "aliases.toml"
BATCH: Final = 128
"""Papers in one transaction: what a killed run loses at most of its last step."""

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a step, how many papers are done, and of how many (None where nobody knows)."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: papers read and stored, papers extracted, nodes linked, and what changed in the database.

    `failed` are the papers that a pipeline component failed on, each with the reason; they stay without entities.
    """

    read: ReadReport
    papers: Changes
    extracted: int
    failed: tuple[str, ...]
    entities: int
    sync: SyncReport


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
    on_progress: Progress = no_progress,
) -> BuildReport:
    """Read papers, extract, link, and bring the database in the folder `db` up to date; a second run changes nothing.

    A run that was stopped goes on from its last batch when it is started again. `aliases` is a TOML file (see
    `kgraph.link.aliases`) that stays with the database. Raises `InputError` for input that cannot be read at all and
    when `strict`, for the first broken record; `StoreError` for a database that cannot be used.
    """
    folder = Path(db)
    user_aliases = _keep_aliases(aliases, folder)
    report = ReadReport()
    papers = read_papers(
        paths, format=format, strict=strict, without_abstract=without_abstract, keep_repeats=True, report=report
    )
    with open_records(folder / RECORDS) as records:
        changes = _add_papers(records, papers, on_progress)
        extracted, failed = _extract_pending(records, model, workers, on_progress)
        with open_store(folder) as store:
            linker, sync = _project(records, store, user_aliases, on_progress)
    return BuildReport(report, changes, extracted, failed, len(linker.entities), sync)


def load(db: str | Path, store: Store, *, on_progress: Progress = no_progress) -> SyncReport:
    """Bring another store (Neo4j) up to date with the records of the database in the folder `db`."""
    folder = Path(db)
    if not (folder / RECORDS).exists():
        raise NotFoundError(f"no database at {folder}: make one with `kgraph build INPUT... --db {folder}`")
    with open_records(folder / RECORDS) as records:
        return _project(records, store, _kept_aliases(folder), on_progress)[1]


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


class _Extractions:
    """The extractions of the records; every iteration starts anew."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Extraction]:
        return (extraction for _, extraction in self._records.papers())


def _add_papers(records: Records, papers: Iterable[Paper], on_progress: Progress) -> Changes:
    changes, done = Changes(), 0
    for batch in _batches(papers):
        changes += records.add_papers(batch)
        done += len(batch)
        on_progress("read", done, None)
    if not records.count_papers():
        raise InputError("no paper was read from the input", "kgraph")
    return changes


def _extract_pending(
    records: Records, model: str | Path | None, workers: int, on_progress: Progress
) -> tuple[int, tuple[str, ...]]:
    nlp = load_pipeline(model)
    version, done, failed = pipeline_version(nlp), 0, list[str]()
    total = records.count_pending(version)

    def note(paper: Paper, reason: str) -> None:
        failed.append(f"{paper.id}: {reason}")

    extractions = extract_papers(records.pending(version), nlp=nlp, workers=workers, on_error=note)
    for batch in _batches(extractions):
        records.add_extractions(batch, version)
        done += len(batch)
        on_progress("extract", done, total)
    return done, tuple(failed)


def _project(records: Records, store: Store, aliases: Aliases, on_progress: Progress) -> tuple[Linker, SyncReport]:
    total = records.count_papers()
    linker = link_mentions(_Extractions(records), aliases)
    if linker.merges != tuple(records.merges()):
        records.write_merges(linker.merges)
    linked = _linked_papers(records, linker)
    done = 0

    def count(papers: int) -> None:
        nonlocal done
        done += papers
        on_progress("store", done, total)

    return linker, sync_store(store, linker.entities, linked, on_progress=count)


def _linked_papers(records: Records, linker: Linker) -> Iterator[LinkedPaper]:
    return (link_paper(paper, extraction, linker.link(extraction)) for paper, extraction in records.papers())


def _keep_aliases(given: str | Path | None, folder: Path) -> Aliases:
    if given is None:
        return _kept_aliases(folder)
    aliases = read_aliases(given)
    folder.mkdir(parents=True, exist_ok=True)
    if Path(given).resolve() != (folder / ALIASES).resolve():
        shutil.copyfile(given, folder / ALIASES)
    return aliases


def _kept_aliases(folder: Path) -> Aliases:
    return read_aliases(folder / ALIASES) if (folder / ALIASES).exists() else NO_ALIASES


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
