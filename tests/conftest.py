"""Fixtures of all tests: every engine, empty for every test, and real Neo4j servers of both lines for the whole run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kgraph.schema import LABELS
from kgraph.store import Step, Store, open_store
from tests.neo4j_server import CURRENT, LTS, NAME_EVERYTHING, NoServerError, ServerWarningError, running_neo4j

# Machines are shared and slow at times, and a store that is used for many examples is what the tests want.
settings.register_profile(
    "kgraph", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("kgraph")

_GIVEN_URL = os.environ.get("KGRAPH_TEST_NEO4J_URI")
_SERVERS = ["neo4j_given"] if _GIVEN_URL else ["neo4j_lts", "neo4j_current"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of several processes, have one run all tests that need a server, and one all that need a browser."""
    for item in items:
        for name in ("neo4j", "browser"):
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))


@dataclass(frozen=True, slots=True)
class Neo4j:
    """A real server: its URL with user name and password, and a connection to it."""

    url: str
    store: Store


@pytest.fixture(scope="session")
def neo4j_given(_strict_driver: None) -> Iterator[Neo4j]:
    """The server that KGRAPH_TEST_NEO4J_URI names."""
    yield from _connected(nullcontext(_GIVEN_URL or ""))


@pytest.fixture(scope="session")
def neo4j_lts(_strict_driver: None) -> Iterator[Neo4j]:
    """A server of Neo4j 5.26, which speaks Cypher 5."""
    yield from _connected(running_neo4j(LTS))


@pytest.fixture(scope="session")
def neo4j_current(_strict_driver: None) -> Iterator[Neo4j]:
    """A server of the newest line of Neo4j, which speaks Cypher 25 unless it is told otherwise."""
    yield from _connected(running_neo4j(CURRENT))


def _connected(server: AbstractContextManager[str]) -> Iterator[Neo4j]:
    """Connect to a server; where there is no way to have one, the test is skipped, but in CI it fails."""
    try:
        with server as url, open_store(url) as store:
            store.write(NAME_EVERYTHING)
            yield Neo4j(url, store)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


class _Raiser(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise ServerWarningError(record.getMessage())


@pytest.fixture(scope="session")
def _strict_driver() -> Iterator[None]:
    """Make what a server warns of (a name that it has never seen, a deprecated feature) an error in all our tests."""
    import neo4j

    connect = neo4j.GraphDatabase.driver
    told = {"notifications_min_severity": "WARNING"}
    # The driver logs what it is told. It could warn as Python does, but looks through the whole stack then, every time.
    log, raiser = logging.getLogger("neo4j.notifications"), _Raiser(logging.WARNING)
    log.addHandler(raiser)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neo4j.GraphDatabase, "driver", lambda *args, **options: connect(*args, **options | told))
        yield
    log.removeHandler(raiser)


@pytest.fixture(scope="session", params=_SERVERS)
def neo4j_server(request: pytest.FixtureRequest) -> Neo4j:
    """A server of every line."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Neo4j)
    return found


@pytest.fixture(scope="session")
def neo4j_url(neo4j_server: Neo4j) -> str:
    """Its URL, with user name and password."""
    return neo4j_server.url


@pytest.fixture
def neo4j_store(neo4j_server: Neo4j) -> Store:
    """A connection to it; it has no node of ours."""
    return _emptied(neo4j_server.store)


@pytest.fixture
def ladybug_store(tmp_path: Path) -> Iterator[Store]:
    """An embedded database in a new folder."""
    with open_store(tmp_path / "graph.kg") as store:
        yield store


@pytest.fixture(params=["ladybug_store", *(pytest.param(name, marks=pytest.mark.neo4j) for name in _SERVERS)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store, once of every engine."""
    found = request.getfixturevalue(request.param)
    return _emptied(found.store) if isinstance(found, Neo4j) else found


def _emptied(store: Store) -> Store:
    store.write([Step(f"MATCH (n:{label}) WHERE n.kind = $kind DETACH DELETE n", {"kind": label}) for label in LABELS])
    return store
