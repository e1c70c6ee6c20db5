"""The truth on disk: papers, and what was extracted from each, in one SQLite file.

Graph databases are projections of it. A batch is a transaction, so what is in the file is done, and a killed run goes
on from there. A paper that several files hold is one paper: its fields are joined from all its readings, in any order.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from functools import reduce
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from kgraph.errors import StoreError
from kgraph.identity import identity_keys, merge_papers
from kgraph.schema import Abbreviation, Evidence, Extraction, Mention, Merge, Paper, PaperEntity, PaperRelation

SCHEMA_VERSION: Final = 2
LOCK_SECONDS = 10.0
"""How long to wait for another process that writes."""

_SCHEMA = """
CREATE TABLE papers (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL, published TEXT NOT NULL, url TEXT NOT NULL,
    authors TEXT NOT NULL, source TEXT NOT NULL, doi TEXT NOT NULL, arxiv_id TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    extracted TEXT  -- text_hash:pipeline of the extraction that is stored, NULL before the first
) WITHOUT ROWID;
CREATE TABLE readings (  -- a paper as one file holds it, the number counts those of one id; papers are joined from them
    source TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE,
    content TEXT NOT NULL, PRIMARY KEY (source, id, number)
) WITHOUT ROWID;
CREATE INDEX readings_paper ON readings (paper_id);
CREATE INDEX readings_id ON readings (id);
CREATE TABLE paper_keys (
    key TEXT PRIMARY KEY, paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX paper_keys_paper ON paper_keys (paper_id);
CREATE TABLE entities (
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE,
    label TEXT NOT NULL, name TEXT NOT NULL, surfaces TEXT NOT NULL, role TEXT NOT NULL, score REAL NOT NULL,
    sentence TEXT NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL,
    mentions TEXT NOT NULL, component TEXT NOT NULL
);
CREATE INDEX entities_paper ON entities (paper_id);
CREATE TABLE relations (
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE,
    type TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, score REAL NOT NULL,
    sentence TEXT NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, component TEXT NOT NULL,
    context TEXT  -- sentence, start_char and end_char as JSON, NULL where there is none
);
CREATE INDEX relations_paper ON relations (paper_id);
CREATE TABLE abbreviations (
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE, short TEXT NOT NULL, long TEXT NOT NULL
);
CREATE INDEX abbreviations_paper ON abbreviations (paper_id);
CREATE TABLE merges (
    entity_id TEXT NOT NULL, alias TEXT NOT NULL, reason TEXT NOT NULL, papers INTEGER NOT NULL
);
CREATE INDEX merges_entity ON merges (entity_id);
"""
# What turns records of version 1 into those of version 2, and so on: one statement for each step.
_UPGRADES: Final = ("ALTER TABLE relations ADD COLUMN context TEXT",)

_NOWHERE: Final = Evidence("", 0, 0)
_Reading = tuple[str, str, int]
_PAPER_COLUMNS = "id, title, abstract, published, url, authors, source, doi, arxiv_id"
_UPSERT_PAPER = f"""
INSERT INTO papers ({_PAPER_COLUMNS}, text_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, abstract = excluded.abstract, published = excluded.published,
    url = excluded.url, authors = excluded.authors, source = excluded.source, doi = excluded.doi,
    arxiv_id = excluded.arxiv_id, text_hash = excluded.text_hash
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
        self._met: Counter[tuple[str, str]] = Counter()

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
                yield paper

    def count_pending(self, pipeline: str) -> int:
        """Count the papers that `pending` would yield."""
        return self._count("SELECT count(*) FROM papers WHERE extracted IS NOT text_hash || ':' || ?", pipeline)

    def count_papers(self) -> int:
        """Count the papers."""
        return self._count("SELECT count(*) FROM papers")

    def add_extractions(self, extractions: Iterable[Extraction], pipeline: str) -> None:
        """Store what was extracted from papers, in place of earlier extractions, in one transaction."""
        with self._transaction():
            for extraction in extractions:
                self._add_extraction(extraction, pipeline)

    def papers(self) -> Iterator[tuple[Paper, Extraction]]:
        """Yield every paper with its extraction, by paper id."""
        entities = _Grouped(self._rows("SELECT * FROM entities ORDER BY paper_id, rowid"))
        relations = _Grouped(self._rows("SELECT * FROM relations ORDER BY paper_id, rowid"))
        abbreviations = _Grouped(self._rows("SELECT * FROM abbreviations ORDER BY paper_id, rowid"))
        for row in self._rows(f"SELECT {_PAPER_COLUMNS} FROM papers ORDER BY id"):
            paper = _to_paper(row)
            yield (
                paper,
                Extraction(
                    paper.id,
                    tuple(map(_to_entity, entities.of(paper.id))),
                    tuple(map(_to_relation, relations.of(paper.id))),
                    tuple(Abbreviation(short, long) for _, short, long in abbreviations.of(paper.id)),
                ),
            )

    def namings(self) -> Iterator[Extraction]:
        """Yield what every paper calls its entities, by paper id: its extraction without relations, roles and places.

        That is all that linking looks at, and reads in a third of the time.
        """
        entities = _Grouped(self._rows("SELECT paper_id, label, name, surfaces FROM entities ORDER BY paper_id, rowid"))
        abbreviations = _Grouped(self._rows("SELECT * FROM abbreviations ORDER BY paper_id, rowid"))
        for (paper_id,) in self._rows("SELECT id FROM papers ORDER BY id"):
            yield Extraction(
                paper_id,
                tuple(_to_naming(row) for row in entities.of(paper_id)),
                abbreviations=tuple(Abbreviation(short, long) for _, short, long in abbreviations.of(paper_id)),
            )

    def write_merges(self, merges: Iterable[Merge]) -> None:
        """Store the merges of the last linking, in place of earlier ones."""
        with self._transaction():
            self._connection.execute("DELETE FROM merges")
            self._connection.executemany("INSERT INTO merges VALUES (?, ?, ?, ?)", map(astuple, merges))

    def merges(self, entity_id: str | None = None) -> list[Merge]:
        """Return the stored merges, of one entity or of all, by entity and alias."""
        where, values = ("WHERE entity_id = ?", [entity_id]) if entity_id else ("", [])
        return [Merge(*row) for row in self._rows(f"SELECT * FROM merges {where} ORDER BY entity_id, alias", *values)]

    def _add(self, paper: Paper) -> Changes:
        reading = (paper.source, paper.id, self._met[paper.source, paper.id])
        self._met[paper.source, paper.id] += 1
        known = self._one("SELECT paper_id, content FROM readings WHERE (source, id, number) = (?, ?, ?)", *reading)
        if known and known[1] == _content(paper):
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
            for *reading, content in rows.fetchall():
                yield tuple(reading), _to_paper(json.loads(content))

    def _paper(self, paper_id: str) -> Paper | None:
        row = self._one(f"SELECT {_PAPER_COLUMNS} FROM papers WHERE id = ?", paper_id)
        return _to_paper(row) if row else None

    def _write_paper(self, paper: Paper, readings: Mapping[_Reading, Paper]) -> None:
        before = self._paper(paper.id)
        if before is not None and before.text != paper.text:
            self._forget_extraction(paper.id)
        self._connection.execute(_UPSERT_PAPER, (*_paper_row(paper), _digest(paper.text)))
        rows = [(*reading, paper.id, _content(one)) for reading, one in readings.items()]
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
        self._forget_extraction(paper_id)
        self._insert("entities", [(paper_id, *_entity_row(entity)) for entity in extraction.entities])
        self._insert("relations", [(paper_id, *_relation_row(relation)) for relation in extraction.relations])
        self._insert("abbreviations", [(paper_id, pair.short, pair.long) for pair in extraction.abbreviations])
        self._connection.execute(
            "UPDATE papers SET extracted = text_hash || ':' || ? WHERE id = ?", (pipeline, paper_id)
        )

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def _rows(self, sql: str, *values: object) -> sqlite3.Cursor:
        with _one_line_errors(self._path):
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
        with _one_line_errors(self._path), self._connection:
            self._connection.execute("BEGIN")
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _one_line_errors(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield


def open_records(path: str | Path) -> Records:
    """Open the records in this SQLite file; a missing file (and its folder) is made.

    Records of an older version are brought up to date. Raises `StoreError` when the file is not one of kgraph's, was
    written by a newer version, or cannot be written.
    """
    with _one_line_errors(str(path)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    return Records(connection, str(path))


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    if _version(connection) < SCHEMA_VERSION:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have done it while this one waited.
            if _version(connection) == 0:
                _make_tables(connection)
            for version in range(_version(connection), SCHEMA_VERSION):
                connection.execute(_UPGRADES[version - 1])
                connection.execute(f"PRAGMA user_version = {version + 1}")
    if _version(connection) != SCHEMA_VERSION:
        reads = f"this kgraph reads {SCHEMA_VERSION}"
        raise StoreError(f"the records have format {_version(connection)}, {reads}: update kgraph")
    connection.execute("PRAGMA journal_mode = WAL")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_tables(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StoreError("the records are a database of another program: choose another folder")
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


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


@contextmanager
def _one_line_errors(path: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = "another process is writing to it" if "locked" in str(error) else str(error)
        raise StoreError(f"{path}: {reason}") from error


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class _Grouped:
    """Rows that come in the order of their papers, handed out paper by paper."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, paper_id: str) -> list[tuple[Any, ...]]:
        """Return the rows of this paper; papers must be asked for in order."""
        if self._next is None or self._next[0] != paper_id:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


def _join(groups: Iterable[Mapping[_Reading, Paper]]) -> dict[str, tuple[Paper, Mapping[_Reading, Paper]]]:
    """Join each group of readings into a paper, by id; papers that share an id get a part of their title's hash."""
    joined = [(reduce(merge_papers, group.values()), group) for group in groups]
    bearers = Counter(paper.id for paper, _ in joined)
    apart = [
        (replace(paper, id=f"{paper.id}~{_digest(paper.title)[:6]}") if bearers[paper.id] > 1 else paper, group)
        for paper, group in joined
    ]
    return {paper.id: (paper, group) for paper, group in apart}


def _content(paper: Paper) -> str:
    return json.dumps(_paper_row(paper), ensure_ascii=False)


def _paper_row(paper: Paper) -> tuple[str, ...]:
    texts = (paper.id, paper.title, paper.abstract, paper.published, paper.url)
    return (*texts, json.dumps(paper.authors, ensure_ascii=False), paper.source, paper.doi, paper.arxiv_id)


def _to_paper(row: tuple[Any, ...]) -> Paper:
    paper_id, title, abstract, published, url, authors, source, doi, arxiv_id = row
    return Paper(paper_id, title, abstract, published, url, tuple(json.loads(authors)), source, doi, arxiv_id)


def _entity_row(entity: PaperEntity) -> tuple[Any, ...]:
    surfaces = json.dumps(entity.surfaces, ensure_ascii=False)
    mentions = json.dumps([astuple(mention) for mention in entity.mentions], ensure_ascii=False)
    evidence = astuple(entity.evidence)
    return (entity.label, entity.name, surfaces, entity.role, entity.score, *evidence, mentions, entity.component)


def _to_entity(row: tuple[Any, ...]) -> PaperEntity:
    _, label, name, surfaces, role, score, sentence, start_char, end_char, mentions, component = row
    return PaperEntity(
        label, name, tuple(json.loads(surfaces)), role, score, Evidence(sentence, start_char, end_char),
        tuple(Mention(*mention) for mention in json.loads(mentions)), component,
    )  # fmt: skip


def _to_naming(row: tuple[Any, ...]) -> PaperEntity:
    _, label, name, surfaces = row
    return PaperEntity(label, name, tuple(json.loads(surfaces)), "", 0.0, _NOWHERE, (), "")


def _relation_row(relation: PaperRelation) -> tuple[Any, ...]:
    evidence = astuple(relation.evidence)
    context = json.dumps(astuple(relation.context), ensure_ascii=False) if relation.context else None
    return (relation.type, relation.source, relation.target, relation.score, *evidence, relation.component, context)


def _to_relation(row: tuple[Any, ...]) -> PaperRelation:
    _, kind, source, target, score, sentence, start_char, end_char, component, found = row
    context = Evidence(*json.loads(found)) if found else None
    return PaperRelation(kind, source, target, score, Evidence(sentence, start_char, end_char), component, context)
