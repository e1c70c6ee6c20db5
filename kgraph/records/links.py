"""What the last linking kept: usages in their families, counts of words and abbreviations, nodes, and revisions.

Rows in, rows out: what they mean is known to `kgraph.linking`. Nothing here is truth; `clear` throws it all away.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any, Final, NamedTuple

from kgraph.records.rows import read_naming, write_naming
from kgraph.records.tables import one_line_errors
from kgraph.schema import Entity, Extraction, Merge

_TABLES: Final = (
    "linked_papers", "usages", "uses", "handles", "definitions", "short_users", "words", "nodes", "merges", "notes",
)  # fmt: skip
_COUNTS: Final = {"definitions": ("folded", "label", "short", "long"), "short_users": ("folded", "label", "short")}
_BUCKETS: Final = {"papers": "linked_papers", "entities": "nodes"}


class UsageRow(NamedTuple):
    """How papers name an entity, as the last linking saw it; `surfaces` and `defined` are counts of papers.

    `words` and `shorts` are what changes elsewhere could matter for: parted by spaces, and by U+001F.
    """

    id: int
    label: str
    name: str
    own: tuple[tuple[str, str], ...]
    surfaces: dict[str, int]
    defined: dict[str, int]
    uses: int
    written: str
    folded: str
    words: str
    shorts: str
    family: int
    node_id: str | None


class Links:
    """The tables of the last linking; to be changed within `Records.linking`."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection, self._path = connection, path

    def clear(self) -> None:
        """Forget the last linking."""
        for table in _TABLES:
            self._rows(f"DELETE FROM {table}")
        self._rows("UPDATE papers SET linked = 0 WHERE linked = 1")

    def note(self, key: str) -> str | None:
        """Return what was noted under this key."""
        row = self._rows("SELECT value FROM notes WHERE key = ?", key).fetchone()
        return row[0] if row else None

    def write_note(self, key: str, value: str) -> None:
        """Note a text under this key."""
        self._rows("INSERT OR REPLACE INTO notes VALUES (?, ?)", key, value)

    # Papers

    def has_papers(self) -> bool:
        """Tell whether any paper has been linked."""
        return self._number("SELECT EXISTS (SELECT 1 FROM linked_papers)") > 0

    def changed_papers(self) -> list[str]:
        """Return the ids of the papers that are new, or changed since they were linked, sorted."""
        return [row[0] for row in self._rows("SELECT id FROM papers WHERE linked = 0 ORDER BY id")]

    def removed_papers(self) -> list[str]:
        """Return the ids of linked papers that are stored no more."""
        return [row[0] for row in self._rows("SELECT paper_id FROM linked_papers EXCEPT SELECT id FROM papers")]

    def linked_naming(self, paper_id: str) -> Extraction | None:
        """Return what a paper called its entities when it was linked, None where it never was."""
        row = self._rows("SELECT naming FROM linked_papers WHERE paper_id = ?", paper_id).fetchone()
        return read_naming(paper_id, row[0]) if row else None

    def write_papers(self, papers: Iterable[tuple[Extraction, Mapping[str, str], int]]) -> None:
        """Store the naming of papers that have been linked, the nodes of their names, and their revision."""
        rows = [
            (extraction.paper_id, write_naming(extraction), _text(nodes), revision)
            for extraction, nodes, revision in papers
        ]
        self._many("INSERT OR REPLACE INTO linked_papers VALUES (?, ?, ?, ?)", rows)
        self._many("UPDATE papers SET linked = 1 WHERE id = ?", [row[:1] for row in rows])

    def linked_paper(self, paper_id: str) -> tuple[dict[str, str], int]:
        """Return the node of each name of a linked paper, and its revision."""
        nodes, revision = self._rows(
            "SELECT nodes, revision FROM linked_papers WHERE paper_id = ?", paper_id
        ).fetchone()
        return json.loads(nodes), revision

    def forget_papers(self, paper_ids: Iterable[str]) -> None:
        """Forget papers that are stored no more."""
        self._many("DELETE FROM linked_papers WHERE paper_id = ?", [(paper_id,) for paper_id in paper_ids])

    # Usages

    def usage(self, label: str, name: str, own: Sequence[tuple[str, str]]) -> UsageRow | None:
        """Return a usage by its key."""
        where = "SELECT * FROM usages WHERE label = ? AND name = ? AND own = ?"
        return next(self._usages(where, label, name, _text(own)), None)

    def usages_by_id(self, ids: Iterable[int]) -> Iterator[UsageRow]:
        """Yield usages by id."""
        for usage_id in ids:
            yield from self._usages("SELECT * FROM usages WHERE id = ?", usage_id)

    def usages_of(self, family: int) -> list[UsageRow]:
        """Return the usages of a family."""
        return list(self._usages("SELECT * FROM usages WHERE family = ?", family))

    def usages_with(self, column: str, texts: set[str]) -> list[int]:
        """Return the ids of the usages that have one of these `words` or `shorts`: all usages are looked at."""
        mark = {"words": " ", "shorts": "\x1f"}[column]
        rows = self._rows(f"SELECT id, {column} FROM usages") if texts else ()
        return [usage_id for usage_id, found in rows if not texts.isdisjoint(found.split(mark))]

    def write_usages(self, rows: Iterable[UsageRow]) -> None:
        """Store usages in place of those with the same ids."""
        texts = (
            row._replace(own=_text(row.own), surfaces=_text(row.surfaces), defined=_text(row.defined))  # type: ignore[arg-type]
            for row in rows
        )
        self._many(f"INSERT OR REPLACE INTO usages VALUES ({', '.join('?' * len(UsageRow._fields))})", texts)

    def delete_usages(self, ids: Iterable[int]) -> None:
        """Forget usages that no paper has any more."""
        self._many("DELETE FROM usages WHERE id = ?", [(usage_id,) for usage_id in ids])

    def next_id(self) -> int:
        """Return an id that no usage has, nor any after it."""
        return self._number("SELECT coalesce(max(id), 0) + 1 FROM usages")

    def write_uses(self, added: Iterable[tuple[int, str]], removed: Iterable[tuple[int, str]]) -> None:
        """Store which papers have a usage, as pairs of both ids, and forget others."""
        self._many("DELETE FROM uses WHERE usage_id = ? AND paper_id = ?", removed)
        self._many("INSERT OR IGNORE INTO uses VALUES (?, ?)", added)

    def papers_using(self, usage_ids: Iterable[int]) -> set[str]:
        """Return the ids of the papers that have one of these usages."""
        find = "SELECT paper_id FROM uses WHERE usage_id = ?"
        return {paper_id for usage_id in usage_ids for (paper_id,) in self._rows(find, usage_id)}

    # Families

    def families(self, handles: Iterable[str]) -> dict[str, int]:
        """Return the family of each of these handles that has one."""
        find = "SELECT family FROM handles WHERE handle = ?"
        found = ((handle, self._rows(find, handle).fetchone()) for handle in handles)
        return {handle: row[0] for handle, row in found if row}

    def next_family(self) -> int:
        """Return a number that no family has, nor any after it."""
        return self._number("SELECT coalesce(max(family), 0) + 1 FROM handles")

    def write_handles(self, families: Mapping[str, int]) -> None:
        """Store the families of handles."""
        self._many("INSERT OR REPLACE INTO handles VALUES (?, ?)", families.items())

    def move_handles(self, families: Mapping[int, int]) -> None:
        """Give the handles of families to others."""
        rows = [(to, family) for family, to in families.items()]
        self._many("UPDATE handles SET family = ? WHERE family = ?", rows)

    # Counts

    def add_counts(self, table: str, counts: Mapping[Any, int]) -> None:
        """Add to the counts of `definitions` or `short_users`; the key is without the folded short form."""
        columns = _COUNTS[table]
        marks = ", ".join("?" * (len(columns) + 1))
        rows = [(key[1].casefold(), *key, papers) for key, papers in counts.items() if papers]
        update = f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET papers = papers + excluded.papers"
        self._many(f"INSERT INTO {table} VALUES ({marks}) {update}", rows)
        given = " AND ".join(f"{column} = ?" for column in columns)
        self._many(f"DELETE FROM {table} WHERE {given} AND papers = 0", [row[:-1] for row in rows])

    def counts(self, table: str, folded: str) -> dict[tuple[str, ...], int]:
        """Return the counts of `definitions` or `short_users` for a short form without case."""
        columns = ", ".join(_COUNTS[table][1:])
        rows = self._rows(f"SELECT {columns}, papers FROM {table} WHERE folded = ?", folded)
        return {tuple(key): papers for *key, papers in rows}

    def defined_shorts(self) -> set[str]:
        """Return the short forms, without case, that papers define."""
        return {row[0] for row in self._rows("SELECT DISTINCT folded FROM definitions")}

    def add_words(self, counts: Mapping[str, int]) -> None:
        """Add to the papers of words."""
        rows = [(word, papers) for word, papers in counts.items() if papers]
        update = "ON CONFLICT (word) DO UPDATE SET papers = papers + excluded.papers"
        self._many(f"INSERT INTO words VALUES (?, ?) {update}", rows)
        self._many("DELETE FROM words WHERE word = ? AND papers = 0", [row[:1] for row in rows])

    def papers_of_word(self, word: str) -> int:
        """Return how many papers have a word."""
        row = self._rows("SELECT papers FROM words WHERE word = ?", word).fetchone()
        return row[0] if row else 0

    def words(self, least: int, most: int) -> list[str]:
        """Return the words of so many papers."""
        return [row[0] for row in self._rows("SELECT word FROM words WHERE papers BETWEEN ? AND ?", least, most)]

    # Nodes

    def count_nodes(self) -> int:
        """Count the nodes."""
        return self._number("SELECT count(*) FROM nodes")

    def nodes(self, ids: Iterable[str]) -> Iterator[tuple[Entity, int]]:
        """Yield these nodes with their revisions; those that are not there are left out."""
        for node_id in ids:
            for row in self._rows("SELECT * FROM nodes WHERE id = ?", node_id):
                yield _to_node(row)

    def all_nodes(self) -> Iterator[tuple[Entity, int]]:
        """Yield every node with its revision, by id."""
        yield from map(_to_node, self._rows("SELECT * FROM nodes ORDER BY id"))

    def write_nodes(self, nodes: Iterable[tuple[Entity, int]]) -> None:
        """Store nodes with their revisions."""
        rows = ((n.id, n.label, n.name, _text(n.aliases), n.url, _text(n.same_term), at) for n, at in nodes)
        self._many("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def delete_nodes(self, ids: Iterable[str]) -> None:
        """Forget nodes."""
        self._many("DELETE FROM nodes WHERE id = ?", [(node_id,) for node_id in ids])

    def write_merges(self, entity_ids: Iterable[str], merges: Iterable[Merge]) -> None:
        """Store the merges of these entities in place of earlier ones."""
        self._many("DELETE FROM merges WHERE entity_id = ?", [(entity_id,) for entity_id in entity_ids])
        self._many("INSERT INTO merges VALUES (?, ?, ?, ?)", map(astuple, merges))

    def merges(self, entity_id: str | None = None) -> list[Merge]:
        """Return the stored merges, of one entity or of all, by entity and alias."""
        where, values = ("WHERE entity_id = ?", [entity_id]) if entity_id else ("", [])
        return [Merge(*row) for row in self._rows(f"SELECT * FROM merges {where} ORDER BY entity_id, alias", *values)]

    # Revisions

    def revision_sums(self, kind: str, buckets: int) -> dict[int, tuple[int, int]]:
        """Return number and sum of the revisions of `papers` or `entities` by their rest by `buckets`."""
        rows = self._rows(
            f"SELECT revision % ?1, count(*), sum(revision) FROM {_BUCKETS[kind]} GROUP BY revision % ?1", buckets
        )
        return {bucket: (number, total) for bucket, number, total in rows}

    def revisions(self, kind: str, rests: Iterable[int], buckets: int) -> dict[str, int]:
        """Return the revisions of `papers` or `entities`, by id, whose rest by `buckets` is one of these; sorted."""
        table = _BUCKETS[kind]
        key, wanted = ("paper_id" if kind == "papers" else "id"), json.dumps(sorted(rests))
        find = f"SELECT {key}, revision FROM {table} WHERE revision % ? IN (SELECT value FROM json_each(?)) ORDER BY 1"
        return dict(self._rows(find, buckets, wanted).fetchall())

    def _usages(self, sql: str, *values: object) -> Iterator[UsageRow]:
        for row in self._rows(sql, *values).fetchall():
            found = UsageRow._make(row)
            own = tuple((short, long) for short, long in json.loads(row[3]))
            yield found._replace(own=own, surfaces=json.loads(row[4]), defined=json.loads(row[5]))

    def _number(self, sql: str) -> int:
        return int(self._rows(sql).fetchone()[0])

    def _rows(self, sql: str, *values: object) -> sqlite3.Cursor:
        with one_line_errors(self._path):
            return self._connection.execute(sql, values)

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with one_line_errors(self._path):
            self._connection.executemany(sql, rows)


def _to_node(row: tuple[Any, ...]) -> tuple[Entity, int]:
    node_id, label, name, aliases, url, same_term, revision = row
    return Entity(node_id, label, name, tuple(json.loads(aliases)), url, tuple(json.loads(same_term))), revision


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
