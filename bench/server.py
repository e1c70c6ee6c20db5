"""The Neo4j server that a bench works on: the one that the user names, which must be empty, or one of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self
from urllib.parse import urlsplit

from kgraph.store import find_credentials

# In transactions of their own, as the memory of a server does not hold the deletion of a large graph.
_EMPTY: Final = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS"
_OF_RELATIONSHIPS: Final = (
    "YIELD name, entityType, type WHERE entityType = 'RELATIONSHIP' AND type <> 'LOOKUP' RETURN name"
)


class Server:
    """A Neo4j server, spoken to by the driver itself; a context manager."""

    def __init__(self, url: str) -> None:
        """Connect with the user and the password of the URL or of the environment."""
        import neo4j

        parts = urlsplit(url)
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self.url = url
        self.driver = neo4j.GraphDatabase.driver(address, auth=find_credentials(url), notifications_min_severity="OFF")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.close()

    def run(self, cypher: str) -> list[Any]:
        """Run a statement that may make transactions of its own; return the first value of each row."""
        with self.driver.session() as session:
            return session.run(cypher).value()

    def count(self, matched: str) -> int:
        """Count what a MATCH finds; `MATCH (n)` and `MATCH ()-[r]->()` take no time."""
        return int(self.run(f"{matched} RETURN count(*)")[0])

    def empty(self) -> None:
        """Delete everything but constraints and indexes."""
        self.run(_EMPTY)

    def drop_relationship_schema(self) -> None:
        """Drop the constraints and indexes of all relationship types; those of nodes stay."""
        for kind, kinds in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
            for name in self.run(f"SHOW {kinds} {_OF_RELATIONSHIPS}"):
                self.run(f"DROP {kind} {name}")


@contextmanager
def empty_server(url: str | None) -> Iterator[Server]:
    """Yield a server without any node: the one at this URL, which is emptied again at the end, or a new one.

    Stops the bench where the server holds something, as it may be somebody's.
    """
    if url is None:
        from tests.neo4j_server import LASTING, running_neo4j

        stop_cleanly()
        with running_neo4j(java_options=LASTING) as own, Server(own) as server:
            yield server
        return
    with Server(url) as server:
        if server.count("MATCH (n)"):
            sys.exit("the Neo4j database is not empty: name one that may be filled and emptied")
        try:
            yield server
        finally:
            server.empty()


def stop_cleanly() -> None:
    """Let SIGTERM (of `timeout`, say) end the bench in an orderly way, so that its server ends as well."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
