"""Papers and what was extracted from them: added, joined, replaced, removed, and read back."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from kgraph.errors import StoreError
from kgraph.identity import identity_keys, merge_papers
from kgraph.records.links import Links
from kgraph.records.rows import (
    Grouped,
    content,
    entity_row,
    paper_row,
    relation_row,
    to_extraction,
    to_naming,
    to_paper,
)
from kgraph.records.tables import LOCK_SECONDS, one_line_errors, prepare
from kgraph.schema import Extraction, Paper

_NAMING_COLUMNS: Final = "paper_id, label, name, surfaces"
_Reading = tuple[str, str, int]
_PAPER_COLUMNS = "id, title, abstract, published, url, authors, source, doi, arxiv_id"
_UPSERT_PAPER = f"""
INSERT INTO papers ({_PAPER_COLUMNS}, text_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, abstract = excluded.abstract, published = excluded.published,
    url = excluded.url, authors = excluded.authors, source = excluded.source, doi = excluded.doi,
    arxiv_id = excluded.arxiv_id, text_hash = excluded.text_hash, linked = 0
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many papers a call of `add_papers` added, changed, and found unchanged."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


class Records:
    """The records of one database; a context manager. Every method raises `StoreError` when the file cannot be used."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection, self._path = connection, path
        self.links = Links(connection, path)
        self._met: Counter[tuple[str, str]] = Counter()
        self._extracted: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add_papers(self, papers: Iterable[Paper]) -> Changes:
        """Add papers, or bring them up to date, in one transaction.

        A paper that is stored already (see `identity_keys`) is joined with it; one that the same file held with other
        content in an earlier run replaces it.
        """
        with self._transaction():
            return sum((self._add(paper) for paper in papers), Changes())

    def remove_papers(self, paper_ids: Iterable[str]) -> int:
        """Remove papers and all that was extracted from them; return how many there were."""
        with self._transaction():
            return sum(self._delete(paper_id) for paper_id in paper_ids)

    def pending(self, pipeline: str) -> Iterator[Paper]:
        """Yield the papers whose text was not yet extracted by this version of the pipeline, by id.

        What is stored while the iterator is open does not come twice.
        """
        ids = self._rows("SELECT id FROM papers WHERE extracted IS NOT text_hash || ':' || ? ORDER BY id", pipeline)
        for (paper_id,) in list(ids):
            paper = self._paper(paper_id)
            if paper is not None:
                self._extracted[paper_id] = _digest(paper.text)
                yield paper

    def count_pending(self, pipeline: str) -> int:
        """Count the papers that `pending` would yield."""
        return self._count("SELECT count(*) FROM papers WHERE extracted IS NOT text_hash || ':' || ?", pipeline)

    def count_papers(self) -> int:
        """Count the papers."""
        return self._count("SELECT count(*) FROM papers")

    def add_extractions(self, extractions: Iterable[Extraction], pipeline: str) -> None:
        """Store what was extracted from papers, in place of earlier extractions, in one transaction.

        Left out are papers that another process has removed or changed since they were `pending`.
        """
        with self._transaction():
            for extraction in extractions:
                self._add_extraction(extraction, pipeline)

    def papers(self) -> Iterator[tuple[Paper, Extraction]]:
        """Yield every paper with its extraction, by paper id."""
        entities = Grouped(self._rows("SELECT * FROM entities ORDER BY paper_id, rowid"))
        relations = Grouped(self._rows("SELECT * FROM relations ORDER BY paper_id, rowid"))
        abbreviations = Grouped(self._rows("SELECT * FROM abbreviations ORDER BY paper_id, rowid"))
        for row in self._rows(f"SELECT {_PAPER_COLUMNS} FROM papers ORDER BY id"):
            paper = to_paper(row)
            found = (table.of(paper.id) for table in (entities, relations, abbreviations))
            yield paper, to_extraction(paper.id, *found)

    def papers_by_id(self, paper_ids: Iterable[str]) -> Iterator[tuple[Paper, Extraction]]:
        """Yield these papers with their extractions; those that are not stored are left out."""
        for paper_id in paper_ids:
            paper = self._paper(paper_id)
            if paper is not None:
                found = (self._of_paper(table, "*", paper_id) for table in ("entities", "relations", "abbreviations"))
                yield paper, to_extraction(paper_id, *found)

    def namings(self) -> Iterator[Extraction]:
        """Yield what every paper calls its entities, by paper id: its extraction without relations, roles and places.

        That is all that linking looks at, and reads in a third of the time.
        """
        entities = Grouped(self._rows(f"SELECT {_NAMING_COLUMNS} FROM entities ORDER BY paper_id, rowid"))
        abbreviations = Grouped(self._rows("SELECT * FROM abbreviations ORDER BY paper_id, rowid"))
        for (paper_id,) in self._rows("SELECT id FROM papers ORDER BY id"):
            yield to_naming(paper_id, entities.of(paper_id), abbreviations.of(paper_id))

    def namings_by_id(self, paper_ids: Iterable[str]) -> Iterator[Extraction]:
        """Yield what these papers call their entities."""
        for paper_id in paper_ids:
            entities = self._of_paper("entities", _NAMING_COLUMNS, paper_id)
            yield to_naming(paper_id, entities, self._of_paper("abbreviations", "*", paper_id))

    @contextmanager
    def linking(self) -> Iterator[Links]:
        """Give what the last linking kept, to be changed in one transaction."""
        with self._transaction():
            yield self.links

    def _add(self, paper: Paper) -> Changes:
        reading = (paper.source, paper.id, self._met[paper.source, paper.id])
        self._met[paper.source, paper.id] += 1
        known = self._one("SELECT paper_id, content FROM readings WHERE (source, id, number) = (?, ?, ?)", *reading)
        if known and known[1] == content(paper):
            return Changes(unchanged=1)
        stored = self._stored(identity_keys(paper)) | ({known[0]} if known else set())
        readings = dict(self._readings(stored)) | {reading: paper}
        while namesakes := self._namesakes(readings) - stored:
            stored |= namesakes
            readings = dict(self._readings(namesakes)) | readings
        joined = _join(_same_papers(readings))
        same = {paper_id: self._paper(paper_id) for paper_id in stored} == {
            key: one for key, (one, _) in joined.items()
        }
        for paper_id in stored - joined.keys():
            self._delete(paper_id)
        for one, group in joined.values():
            self._write_paper(one, group)
        return Changes(added=not stored, changed=bool(stored) and not same, unchanged=same)

    def _stored(self, keys: Iterable[str]) -> set[str]:
        find = "SELECT paper_id FROM paper_keys WHERE key = ?"
        return {row[0] for key in keys if (row := self._one(find, key))}

    def _namesakes(self, readings: Iterable[_Reading]) -> set[str]:
        find = "SELECT DISTINCT paper_id FROM readings WHERE id = ?"
        return {paper_id for _, own_id, _ in readings for (paper_id,) in self._rows(find, own_id).fetchall()}

    def _readings(self, paper_ids: Iterable[str]) -> Iterator[tuple[_Reading, Paper]]:
        for paper_id in sorted(paper_ids):
            rows = self._rows("SELECT source, id, number, content FROM readings WHERE paper_id = ?", paper_id)
            for *reading, text in rows.fetchall():
                yield tuple(reading), to_paper(json.loads(text))

    def _of_paper(self, table: str, columns: str, paper_id: str) -> list[tuple[Any, ...]]:
        return self._rows(f"SELECT {columns} FROM {table} WHERE paper_id = ? ORDER BY rowid", paper_id).fetchall()

    def _paper(self, paper_id: str) -> Paper | None:
        row = self._one(f"SELECT {_PAPER_COLUMNS} FROM papers WHERE id = ?", paper_id)
        return to_paper(row) if row else None

    def _write_paper(self, paper: Paper, readings: Mapping[_Reading, Paper]) -> None:
        before = self._paper(paper.id)
        if before is not None and before.text != paper.text:
            self._forget_extraction(paper.id)
        self._connection.execute(_UPSERT_PAPER, (*paper_row(paper), _digest(paper.text)))
        rows = [(*reading, paper.id, content(one)) for reading, one in readings.items()]
        self._connection.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", rows)
        keys = {key for one in readings.values() for key in identity_keys(one)}
        self._connection.execute("DELETE FROM paper_keys WHERE paper_id = ?", (paper.id,))
        self._connection.executemany(
            "INSERT OR REPLACE INTO paper_keys VALUES (?, ?)", [(key, paper.id) for key in keys]
        )

    def _delete(self, paper_id: str) -> int:
        return self._connection.execute("DELETE FROM papers WHERE id = ?", (paper_id,)).rowcount

    def _forget_extraction(self, paper_id: str) -> None:
        for table in ("entities", "relations", "abbreviations"):
            self._connection.execute(f"DELETE FROM {table} WHERE paper_id = ?", (paper_id,))

    def _add_extraction(self, extraction: Extraction, pipeline: str) -> None:
        paper_id = extraction.paper_id
        row = self._one("SELECT text_hash FROM papers WHERE id = ?", paper_id)
        if row is None or row[0] != self._extracted.get(paper_id, row[0]):
            return
        self._forget_extraction(paper_id)
        self._insert("entities", [(paper_id, *entity_row(entity)) for entity in extraction.entities])
        self._insert("relations", [(paper_id, *relation_row(relation)) for relation in extraction.relations])
        self._insert("abbreviations", [(paper_id, pair.short, pair.long) for pair in extraction.abbreviations])
        self._connection.execute(
            "UPDATE papers SET extracted = text_hash || ':' || ?, linked = 0 WHERE id = ?", (pipeline, paper_id)
        )

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def _rows(self, sql: str, *values: object) -> sqlite3.Cursor:
        with one_line_errors(self._path):
            return self._connection.execute(sql, values)

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._rows(sql, *values).fetchone()
        return row

    def _count(self, sql: str, *values: object) -> int:
        row = self._one(sql, *values)
        return int(row[0]) if row else 0

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the records for as long as the block runs, whatever others write meanwhile."""
        with one_line_errors(self._path), self._connection:
            self._connection.execute("BEGIN")
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with one_line_errors(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield


def open_records(path: str | Path) -> Records:
    """Open the records in this SQLite file; a missing file (and its folder) is made.

    Records of an older version are brought up to date. Raises `StoreError` when the file is not one of kgraph's, was
    written by a newer version, or cannot be written.
    """
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error
    with one_line_errors(str(path)):
        connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            prepare(connection)
        except BaseException:
            connection.close()
            raise
    return Records(connection, str(path))


def _same_papers(readings: Mapping[_Reading, Paper]) -> list[dict[_Reading, Paper]]:
    """Part readings into papers: those that share an identity key, by whatever steps, are one."""
    groups: list[tuple[set[str], dict[_Reading, Paper]]] = []
    for reading, paper in readings.items():
        keys, group = set(identity_keys(paper)), {reading: paper}
        for other in [other for other in groups if not keys.isdisjoint(other[0])]:
            groups.remove(other)
            keys, group = keys | other[0], group | other[1]
        groups.append((keys, group))
    return [group for _, group in groups]


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _join(groups: Iterable[Mapping[_Reading, Paper]]) -> dict[str, tuple[Paper, Mapping[_Reading, Paper]]]:
    """Join each group of readings into a paper, by id; papers that share an id get a part of their title's hash."""
    joined = [(reduce(merge_papers, group.values()), group) for group in groups]
    bearers = Counter(paper.id for paper, _ in joined)
    apart = [
        (replace(paper, id=f"{paper.id}~{_digest(paper.title)[:6]}") if bearers[paper.id] > 1 else paper, group)
        for paper, group in joined
    ]
    return {paper.id: (paper, group) for paper, group in apart}
