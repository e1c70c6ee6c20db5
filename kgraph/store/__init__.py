"""Cypher engines behind one small interface: the embedded one in a folder, or a Neo4j server."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from kgraph.errors import UsageError
from kgraph.store.base import Row, Step, Store
from kgraph.store.read import read_neighbourhood, read_store
from kgraph.store.source import GivenGraph, Source
from kgraph.store.sync import SyncReport, sync_source, sync_store

__all__ = [
    "GivenGraph",
    "Row",
    "Source",
    "Step",
    "Store",
    "SyncReport",
    "find_credentials",
    "is_server",
    "open_store",
    "read_neighbourhood",
    "read_store",
    "sync_source",
    "sync_store",
    "with_database",
]

_SCHEMES: Final = {f"{name}{security}" for name in ("neo4j", "bolt") for security in ("", "+s", "+ssc")}
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|(?:neo4j|bolt)(?:\+s|\+ssc)?:", re.IGNORECASE)


def open_store(
    url: str | Path,
    *,
    read_only: bool = False,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> Store:
    """Open a graph database: a folder (`graph.kg`) with the embedded engine, or a server (`neo4j://`, `bolt://`).

    For user name and password of a server see `find_credentials`. `database` is one of its databases, else the one of
    the URL (`neo4j://HOST?database=NAME`), else its default. Close the store, or use it in a `with` statement.

    Raises:
        UsageError: the URL has another scheme, or cannot be read.
        StoreError: the database cannot be opened; `StoreUnavailableError` where no server answers.
    """
    if not is_server(url):
        from kgraph.store.ladybug import LadybugStore

        return LadybugStore(Path(url), read_only=read_only)
    from kgraph.store.neo4j import Neo4jStore

    credentials = find_credentials(str(url), username=username, password=password)
    parts, named = _part_database(_split(str(url)))
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return Neo4jStore(address, credentials, database=database or named, read_only=read_only)


def is_server(url: str | Path) -> bool:
    """Tell whether this is the URL of a server, and not the path of a folder."""
    return isinstance(url, str) and _URL.match(url) is not None


def find_credentials(url: str, *, username: str | None = None, password: str | None = None) -> tuple[str, str] | None:
    """Return user name and password for a server: as given, else the URL's, else NEO4J_USERNAME and NEO4J_PASSWORD.

    The user name is `neo4j` where none is given. None where there is no password: a program may ask for it then; a
    server without authentication needs none.

    Raises:
        UsageError: the URL has a scheme other than those of Neo4j, or cannot be read.
    """
    parts = _split(url)
    user = username or unquote(parts.username or "") or os.environ.get("NEO4J_USERNAME") or "neo4j"
    for secret in (password, unquote(parts.password or ""), os.environ.get("NEO4J_PASSWORD")):
        if secret:
            return user, secret
    return None


def with_database(url: str, database: str) -> str:
    """Return the URL of a server with the name of one of its databases.

    >>> with_database("neo4j://localhost", "papers")
    'neo4j://localhost?database=papers'
    """
    parts, _ = _part_database(_split(url))
    query = "&".join(filter(None, (parts.query, urlencode({"database": database}))))
    return parts._replace(query=query).geturl()


def _part_database(parts: SplitResult) -> tuple[SplitResult, str | None]:
    """Return the URL without the name of a database, and that name; what else it asks for is the driver's."""
    asked = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([(key, value) for key, value in asked if key != "database"])
    return parts._replace(query=rest), dict(asked).get("database") or None


def _split(url: str) -> SplitResult:
    scheme = url.partition(":")[0].lower()
    if scheme not in _SCHEMES:
        raise UsageError(
            f"{scheme}:// is not a graph database; use a folder, neo4j://HOST or bolt://HOST (also +s, +ssc)"
        )
    try:
        parts = urlsplit(url)
        # An @ after the host means that a /, ? or # of the password ended it.
        misplaced = "@" in parts.path + parts.query + parts.fragment
        readable = bool(parts.hostname) and parts.port != 0 and not misplaced
    except ValueError:
        readable = False
    if not readable:
        # Neither the URL nor the error's text is shown: both may hold a part of the password.
        raise UsageError(f"this {scheme}:// URL cannot be read; write special characters in its password as %XX")
    return parts
