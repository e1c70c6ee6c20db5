"""The tables of the records, and how a file comes to have them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kgraph.errors import StoreError

SCHEMA_VERSION: Final = 3
LOCK_SECONDS = 10.0
"""How long to wait for another process that writes."""

_SCHEMA = """
CREATE TABLE papers (
    -- extracted is text_hash:pipeline of the extraction that is stored, NULL before the first, and
    -- linked is 1 where the last linking saw the paper as it is
    id TEXT PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL, published TEXT NOT NULL, url TEXT NOT NULL,
    authors TEXT NOT NULL, source TEXT NOT NULL, doi TEXT NOT NULL, arxiv_id TEXT NOT NULL,
    text_hash TEXT NOT NULL, extracted TEXT, linked INTEGER NOT NULL DEFAULT 0
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
CREATE TABLE relations (  -- context is sentence, start_char and end_char as JSON, NULL where there is none
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE,
    type TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, score REAL NOT NULL,
    sentence TEXT NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, component TEXT NOT NULL,
    context TEXT
);
CREATE INDEX relations_paper ON relations (paper_id);
CREATE TABLE abbreviations (
    paper_id TEXT NOT NULL REFERENCES papers ON DELETE CASCADE, short TEXT NOT NULL, long TEXT NOT NULL
);
CREATE INDEX abbreviations_paper ON abbreviations (paper_id);
"""
# What a linking keeps, so that the next one costs what has changed. It is made from the other tables, and made anew
# where another version of kgraph links.
_LINKS = """
CREATE TABLE linked_papers (  -- what a paper calls its entities, and the nodes of these names, as JSON
    paper_id TEXT PRIMARY KEY, naming TEXT NOT NULL, nodes TEXT NOT NULL, revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE usages (  -- how papers name an entity; counts by surface form are JSON
    id INTEGER PRIMARY KEY, label TEXT NOT NULL, name TEXT NOT NULL, own TEXT NOT NULL,
    surfaces TEXT NOT NULL, defined TEXT NOT NULL, uses INTEGER NOT NULL,
    written TEXT NOT NULL, folded TEXT NOT NULL, words TEXT NOT NULL, shorts TEXT NOT NULL,
    family INTEGER NOT NULL, node_id TEXT
);
CREATE UNIQUE INDEX usages_key ON usages (label, name, own);
CREATE INDEX usages_family ON usages (family);
CREATE TABLE uses (usage_id INTEGER NOT NULL, paper_id TEXT NOT NULL, PRIMARY KEY (usage_id, paper_id)) WITHOUT ROWID;
CREATE TABLE handles (handle TEXT PRIMARY KEY, family INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX handles_family ON handles (family);
CREATE TABLE definitions (  -- papers that give an abbreviation a long form; folded is the short form without case
    folded TEXT NOT NULL, label TEXT NOT NULL, short TEXT NOT NULL, long TEXT NOT NULL, papers INTEGER NOT NULL,
    PRIMARY KEY (folded, label, short, long)
) WITHOUT ROWID;
CREATE TABLE short_users (
    folded TEXT NOT NULL, label TEXT NOT NULL, short TEXT NOT NULL, papers INTEGER NOT NULL,
    PRIMARY KEY (folded, label, short)
) WITHOUT ROWID;
CREATE TABLE words (word TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes (
    id TEXT PRIMARY KEY, label TEXT NOT NULL, name TEXT NOT NULL, aliases TEXT NOT NULL, url TEXT NOT NULL,
    same_term TEXT NOT NULL, revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE merges (
    entity_id TEXT NOT NULL, alias TEXT NOT NULL, reason TEXT NOT NULL, papers INTEGER NOT NULL,
    PRIMARY KEY (entity_id, alias)
) WITHOUT ROWID;
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_UNLINKED = "CREATE INDEX papers_unlinked ON papers (id) WHERE linked = 0;\n"
# What turns records of version 1 into those of version 2, and so on.
_UPGRADES: Final = (
    "ALTER TABLE relations ADD COLUMN context TEXT;\n",
    "DROP TABLE merges;\nALTER TABLE papers ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;\n" + _UNLINKED + _LINKS,
)


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in a new file, and bring those of an older version up to date; see `open_records`."""
    connection.execute("PRAGMA foreign_keys = ON")
    if _version(connection) < SCHEMA_VERSION:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have done it while this one waited.
            if _version(connection) == 0:
                _make_tables(connection)
            for version in range(_version(connection), SCHEMA_VERSION):
                _run(connection, _UPGRADES[version - 1])
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
    _run(connection, _SCHEMA + _UNLINKED + _LINKS)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def one_line_errors(path: str) -> Iterator[None]:
    """Turn what SQLite says into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        reason = "another process is writing to it" if "locked" in str(error) else str(error)
        raise StoreError(f"{path}: {reason}") from error


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        connection.execute(statement)
